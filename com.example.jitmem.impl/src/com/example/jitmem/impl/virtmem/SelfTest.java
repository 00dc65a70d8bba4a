// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Finds out whether a way of writing code works: writes a function, runs it, writes another one in
/// its place and runs that.
final class SelfTest {
  /// Results that unwritten memory is unlikely to produce.
  private static final int[] RESULTS = {0x6A69746D, 0x454D2121};

  private SelfTest() {}

  /// Tries one way in a temporary region of its own.
  ///
  /// @return why it does not work; empty if it works
  static Optional<VirtMemException> refusal(Os os, CodeWriting way) {
    long pageSize = os.facts().pageSize();
    try {
      CodeRegion region = new SystemCodeMemory(os, way, false).reserve(pageSize);
      try {
        region.commit(0, pageSize);
        for (int result : RESULTS) {
          writeAndRun(os, region, result);
        }
      } finally {
        region.release();
      }
      return Optional.empty();
    } catch (VirtMemException e) {
      return Optional.of(e);
    }
  }

  private static void writeAndRun(Os os, CodeRegion region, int expected) {
    byte[] code = os.facts().processor().returning(expected);
    region.write(0, MemorySegment.ofArray(code), CachePolicy.FLUSH_AFTER_WRITE);
    int found = os.run(region.rx().address());
    if (found != expected) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "Code that was written did not run: it returned " + found + " instead of " + expected);
    }
  }
}
