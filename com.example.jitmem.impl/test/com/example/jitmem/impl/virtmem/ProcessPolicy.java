// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// Policies and limits that a process can put on itself.
enum ProcessPolicy {
  /// Nothing.
  NONE {
    @Override
    void apply() {}
  },
  /// Memory gets no execute access that it did not have when it was mapped, prctl(2), since Linux
  /// 6.3.
  MDWE {
    @Override
    void apply() {
      call(PRCTL, PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
    }
  },
  /// 256 MiB of addresses more than are mapped.
  ADDRESSES {
    @Override
    void apply() {
      limit(RLIMIT_AS, mappedBytes() + ADDRESSES_LEFT);
    }
  },
  /// No file may grow.
  FILE_SIZE_0 {
    @Override
    void apply() {
      limit(RLIMIT_FSIZE, 0);
    }
  },
  /// Files of 1 MiB.
  FILE_SIZE_1M {
    @Override
    void apply() {
      limit(RLIMIT_FSIZE, 1024 * 1024);
    }
  },
  /// No descriptor more.
  DESCRIPTORS {
    @Override
    void apply() {
      limit(RLIMIT_NOFILE, 0);
    }
  };

  /// What [#ADDRESSES] leaves, in bytes.
  static final long ADDRESSES_LEFT = 256L * 1024 * 1024;

  /// linux/prctl.h.
  private static final int PR_SET_MDWE = 65;

  private static final int PR_MDWE_REFUSE_EXEC_GAIN = 1;

  /// asm-generic/resource.h.
  private static final int RLIMIT_FSIZE = 1;

  private static final int RLIMIT_NOFILE = 7;
  private static final int RLIMIT_AS = 9;

  private static final CFunction PRCTL =
      CFunction.of("prctl", INT32, INT32, INT64, INT64, INT64, INT64).variadicFrom(1);
  private static final CFunction GETRLIMIT = CFunction.of("getrlimit", INT32, INT32, INT64);
  private static final CFunction SETRLIMIT = CFunction.of("setrlimit", INT32, INT32, INT64);

  private static final NativeCalls SYSTEM = new Downcalls(Downcalls.ERRNO);

  /// Puts the policy on this process.
  abstract void apply();

  private static void limit(int resource, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(16);
      call(GETRLIMIT, resource, limits.address());
      limits.set(ValueLayout.JAVA_LONG, 0, value);
      call(SETRLIMIT, resource, limits.address());
    }
  }

  private static void call(CFunction function, long... arguments) {
    NativeCalls.Result result = SYSTEM.call(function, arguments);
    if (result.value() != 0) {
      throw new UnsupportedOperationException(function.name() + " left errno " + result.error());
    }
  }

  private static long mappedBytes() {
    try {
      String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", 2)[0];
      return Long.parseLong(pages) * 4096;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
