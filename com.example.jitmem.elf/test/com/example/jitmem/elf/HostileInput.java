// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.impl.linking.LinkPlan;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;

/// Reads and links what may be anything, and finds that it takes no more memory than it may.
final class HostileInput {
  /// The most bytes of code and data.
  private static final int LIMIT = 1 << 20;

  /// How much memory reading may take for each byte.
  private static final int FACTOR = 16;

  /// What an exception and its message take, however small the input is.
  private static final long SLACK = 64 * 1024;

  private static final long CODE = 0x7000_0000_0000L;
  private static final long DATA = CODE + 0x1000_0000L;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private HostileInput() {}

  /// Tries to read and to link, and returns what came of it in a few words.
  static String outcome(byte[] bytes) {
    try {
      boolean archive = bytes.length > 1 && bytes[0] == '!';
      List<RelocatableCode> units =
          measured(bytes.length, 0, () -> archive ? members(bytes) : object(bytes));
      return measured(bytes.length, LIMIT, () -> link(units));
    } catch (LinkException e) {
      return "refused " + e.reason();
    }
  }

  private static List<RelocatableCode> object(byte[] bytes) {
    return List.of(ObjectFile.read(MemorySegment.ofArray(bytes), "object"));
  }

  private static List<RelocatableCode> members(byte[] bytes) throws IOException {
    Archive archive = Archive.read(MemorySegment.ofArray(bytes), "archive");
    return archive.membersFor(Set.of("a_choice"));
  }

  private static String link(List<RelocatableCode> units) {
    if (units.isEmpty()) {
      return "empty";
    }
    LinkPlan plan = LinkPlan.of(units, LIMIT, name -> OptionalLong.of(CODE - name.length()));
    assertThat(plan.codeByteSize() + plan.dataByteSize()).isLessThanOrEqualTo(LIMIT);
    byte[] code = new byte[(int) plan.codeByteSize()];
    byte[] data = new byte[(int) plan.initializedByteSize()];
    plan.relocate(MemorySegment.ofArray(code), CODE, MemorySegment.ofArray(data), DATA);
    plan.functions();
    plan.exports();
    plan.indirectFunctions();
    return "linked";
  }

  /// Runs something and compares what it allocates with what the size of the input allows. A first
  /// run may load classes, so one that takes too much is run again.
  private static <T> T measured(int byteSize, long more, Callable<T> action) {
    long allowed = (long) byteSize * FACTOR + SLACK + more;
    if (allocated(action) > allowed) {
      assertThat(allocated(action)).isLessThanOrEqualTo(allowed);
    }
    return result(action);
  }

  private static long allocated(Callable<?> action) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      action.call();
    } catch (LinkException e) {
      // Measured like a result
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static <T> T result(Callable<T> action) {
    try {
      return action.call();
    } catch (LinkException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
