// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What GetSystemInfo tells of memory.
///
/// @param pageSize the size of a page in bytes
/// @param allocationGranularity the step in bytes in which addresses are reserved
/// @param lastAddress the last address that programs can use
record SystemInfo(long pageSize, long allocationGranularity, long lastAddress) {
  /// `SYSTEM_INFO` of sysinfoapi.h, for processes of 64 bits.
  static final MemoryLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_SHORT.withName("wProcessorArchitecture"),
          ValueLayout.JAVA_SHORT.withName("wReserved"),
          ValueLayout.JAVA_INT.withName("dwPageSize"),
          ValueLayout.JAVA_LONG.withName("lpMinimumApplicationAddress"),
          ValueLayout.JAVA_LONG.withName("lpMaximumApplicationAddress"),
          ValueLayout.JAVA_LONG.withName("dwActiveProcessorMask"),
          ValueLayout.JAVA_INT.withName("dwNumberOfProcessors"),
          ValueLayout.JAVA_INT.withName("dwProcessorType"),
          ValueLayout.JAVA_INT.withName("dwAllocationGranularity"),
          ValueLayout.JAVA_SHORT.withName("wProcessorLevel"),
          ValueLayout.JAVA_SHORT.withName("wProcessorRevision"));

  static SystemInfo of(WindowsMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(LAYOUT);
      memory.attempt(WindowsFunctions.GET_SYSTEM_INFO, info.address());
      return new SystemInfo(
          dword(info, "dwPageSize"),
          dword(info, "dwAllocationGranularity"),
          info.get(ValueLayout.JAVA_LONG, offset("lpMaximumApplicationAddress")));
    }
  }

  private static long dword(MemorySegment info, String name) {
    return Integer.toUnsignedLong(info.get(ValueLayout.JAVA_INT, offset(name)));
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(PathElement.groupElement(name));
  }
}
