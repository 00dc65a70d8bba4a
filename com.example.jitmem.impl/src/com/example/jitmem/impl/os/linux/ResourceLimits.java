// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// The limits of this process, getrlimit(2), asked for anew each time: they can be changed while it
/// runs. Where the system does not tell them there are none.
final class ResourceLimits {
  /// The size of `struct rlimit`: two `unsigned long`, of which the first is the limit in force.
  private static final long RLIMIT_SIZE = 2 * ValueLayout.JAVA_LONG.byteSize();

  private final PosixMemory memory;
  private final long pageSize;
  private final Supplier<OptionalLong> mappedPages;

  ResourceLimits(PosixMemory memory, long pageSize) {
    this(memory, pageSize, KernelFiles::mappedPages);
  }

  /// @param mappedPages what this process has mapped; empty where that cannot be read
  ResourceLimits(PosixMemory memory, long pageSize, Supplier<OptionalLong> mappedPages) {
    this.memory = memory;
    this.pageSize = pageSize;
    this.mappedPages = mappedPages;
  }

  /// Refuses files that would exceed `RLIMIT_FSIZE`. The call that makes such a file raises
  /// SIGXFSZ, which ends a process that does not handle it.
  ///
  /// @throws VirtMemException if the limit is lower
  void requireFileSize(long byteSize) {
    long limit = current(LinuxConstants.RLIMIT_FSIZE);
    if (Long.compareUnsigned(byteSize, limit) > 0) {
      throw new VirtMemException(
          VirtMemException.Reason.OUT_OF_MEMORY,
          "A file of "
              + byteSize
              + " bytes would exceed RLIMIT_FSIZE, which is "
              + limit
              + ": raise it (ulimit -f)");
    }
  }

  /// How much `RLIMIT_AS` lets this process map beyond what is mapped.
  ///
  /// @return the size in bytes, [Long#MAX_VALUE] without a limit; 0 where there is one and what is
  ///     mapped cannot be read, as without a descriptor
  long addressesLeft() {
    long limit = current(LinuxConstants.RLIMIT_AS);
    if (limit < 0) {
      return Long.MAX_VALUE;
    }
    OptionalLong mapped = mappedPages.get();
    return mapped.isEmpty() ? 0 : Math.max(0, limit - mapped.getAsLong() * pageSize);
  }

  /// @return the limit as an unsigned number, of which the largest means that there is none
  private long current(int resource) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(RLIMIT_SIZE).fill((byte) 0xFF);
      memory.attempt(LinuxFunctions.GETRLIMIT, resource, limit.address());
      return limit.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
