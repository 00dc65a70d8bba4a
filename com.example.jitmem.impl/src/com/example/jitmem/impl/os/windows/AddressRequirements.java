// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where VirtualAlloc2 is to place memory.
final class AddressRequirements {
  /// `MEM_ADDRESS_REQUIREMENTS` of winnt.h. 0 leaves a member out. The lowest address and the
  /// alignment are multiples of the allocation granularity, the highest one less than one.
  static final MemoryLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("LowestStartingAddress"),
          ValueLayout.JAVA_LONG.withName("HighestEndingAddress"),
          ValueLayout.JAVA_LONG.withName("Alignment"));

  /// `MEM_EXTENDED_PARAMETER` of winnt.h: 8 bits of a type, the rest of 64 reserved, and a union as
  /// large as a pointer.
  static final MemoryLayout PARAMETER_LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("Type"), ValueLayout.JAVA_LONG.withName("Pointer"));

  private AddressRequirements() {}

  /// One extended parameter.
  ///
  /// @param arena the lifetime of the parameter
  /// @param lowest the lowest address; 0 for any
  /// @param highest the last address; 0 for any
  /// @param alignment what the address is a multiple of; 0 for the allocation granularity
  /// @return a `MEM_EXTENDED_PARAMETER`
  static MemorySegment parameter(Arena arena, long lowest, long highest, long alignment) {
    MemorySegment requirements = arena.allocate(LAYOUT);
    set(LAYOUT, requirements, "LowestStartingAddress", lowest);
    set(LAYOUT, requirements, "HighestEndingAddress", highest);
    set(LAYOUT, requirements, "Alignment", alignment);
    MemorySegment parameter = arena.allocate(PARAMETER_LAYOUT);
    long type = WindowsConstants.MEM_EXTENDED_PARAMETER_ADDRESS_REQUIREMENTS;
    set(PARAMETER_LAYOUT, parameter, "Type", type);
    set(PARAMETER_LAYOUT, parameter, "Pointer", requirements.address());
    return parameter;
  }

  private static void set(MemoryLayout layout, MemorySegment struct, String name, long value) {
    struct.set(ValueLayout.JAVA_LONG, layout.byteOffset(PathElement.groupElement(name)), value);
  }
}
