// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import com.example.jitmem.impl.ffm.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Asks which pages of a range are large ones.
final class WorkingSet {
  /// `PSAPI_WORKING_SET_EX_INFORMATION` of psapi.h: an address, and bits about its page.
  private static final long ENTRY_SIZE = 2 * ValueLayout.JAVA_LONG.byteSize();

  /// `PSAPI_WORKING_SET_EX_BLOCK` of psapi.h: `Valid`, without which the other members say nothing.
  private static final long VALID = 1;

  /// `PSAPI_WORKING_SET_EX_BLOCK`: `LargePage`, after `Valid` (1 bit), `ShareCount` (3),
  /// `Win32Protection` (11), `Shared` (1), `Node` (6) and `Locked` (1).
  private static final long LARGE_PAGE = 1 << 23;

  private final WindowsMemory memory;
  private final long largePageSize;

  WorkingSet(WindowsMemory memory, long largePageSize) {
    this.memory = memory;
    this.largePageSize = largePageSize;
  }

  /// How much of a range is of large pages; 0 if the system does not tell.
  long largePageBytes(long address, long byteSize) {
    if (largePageSize == 0) {
      return 0;
    }
    long first = address & -largePageSize;
    long count = (address + byteSize - first + largePageSize - 1) / largePageSize;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate(count * ENTRY_SIZE, ENTRY_SIZE);
      for (long i = 0; i < count; i++) {
        long asked = Math.max(address, first + i * largePageSize);
        entries.setAtIndex(ValueLayout.JAVA_LONG, 2 * i, asked);
      }
      NativeCalls.Result result =
          memory.attempt(
              WindowsFunctions.QUERY_WORKING_SET_EX,
              memory.process(),
              entries.address(),
              entries.byteSize());
      return result.value() == 0 ? 0 : largeBytes(entries, count, address, address + byteSize);
    }
  }

  private long largeBytes(MemorySegment entries, long count, long start, long end) {
    long total = 0;
    for (long i = 0; i < count; i++) {
      long bits = entries.getAtIndex(ValueLayout.JAVA_LONG, 2 * i + 1);
      if ((bits & VALID) != 0 && (bits & LARGE_PAGE) != 0) {
        long page = (start & -largePageSize) + i * largePageSize;
        total += Math.min(end, page + largePageSize) - Math.max(start, page);
      }
    }
    return total;
  }
}
