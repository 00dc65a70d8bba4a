// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The addresses within branch range of an anchor: code there can reach the anchor with a short
/// displacement, and code in the anchor can reach that code.
///
/// Memory is in a vicinity if the distance between each of its bytes and each byte of the anchor is
/// at most [#byteReach()], below or above. An anchor of size zero, as
/// [java.lang.foreign.SymbolLookup] returns it, counts as one byte.
///
/// A vicinity of one function does not cover the functions beside it: to reach a whole library, use
/// all of it as the anchor, or subtract its size from the reach. An anchor at address 0 requests
/// addresses that fit in 31 bits.
///
/// Only the address and the size of the anchor count. It need not be alive, is never accessed, and
/// is not kept alive.
///
/// Immutable.
///
/// @param anchor the memory to reach: native
/// @param byteReach the greatest distance in bytes, at least 1
public record Vicinity(MemorySegment anchor, long byteReach) {
  /// The reach of a 32-bit displacement, which counts from the end of its instruction: 2 GiB less
  /// 16 bytes for the longest instruction of x86 (15 bytes, Intel SDM volume 2, "Instruction
  /// Format"). Any instruction in the memory can address any byte of the anchor, and any
  /// instruction that begins in the anchor any byte of the memory.
  ///
  /// Branches of AArch64 reach less: 128 MiB for `B` and `BL`.
  public static final long DISPLACEMENT_32 = (1L << 31) - 16;

  /// Checks both values.
  ///
  /// @throws IllegalArgumentException if the anchor is on the heap, larger than the reach, or not
  ///     in the lower half of the address space, or if the reach is below 1
  public Vicinity {
    Objects.requireNonNull(anchor);
    if (byteReach < 1) {
      throw new IllegalArgumentException("Reach is not at least 1 byte: " + byteReach);
    }
    if (!anchor.isNative()) {
      throw new IllegalArgumentException("Anchor is on the heap: " + anchor);
    }
    if (anchor.address() < 0 || anchor.address() > Long.MAX_VALUE - anchor.byteSize()) {
      throw new IllegalArgumentException("Anchor is at no address of a process: " + anchor);
    }
    if (anchor.byteSize() > byteReach) {
      throw new IllegalArgumentException(
          "Anchor of " + anchor.byteSize() + " bytes is larger than the reach of " + byteReach);
    }
  }

  /// The addresses within reach of a 32-bit displacement, see [#DISPLACEMENT_32].
  ///
  /// @param anchor the memory to reach: native, for example a function of a library or
  ///     code in a span
  /// @return the vicinity
  /// @throws IllegalArgumentException if the anchor is on the heap, of 2 GiB or more, or not in the
  ///     lower half of the address space
  public static Vicinity of(MemorySegment anchor) {
    return new Vicinity(anchor, DISPLACEMENT_32);
  }

  /// Tells whether all of some memory is within reach.
  ///
  /// @param memory native memory; if its size is zero, it counts as one byte
  /// @return whether each of its bytes is at most [#byteReach()] away from each byte of the anchor
  public boolean contains(MemorySegment memory) {
    return memory.isNative()
        && memory.address() >= 0
        && lastByte(memory) >= 0
        && lastByte(memory) - anchor.address() <= byteReach
        && lastByte(anchor) - memory.address() <= byteReach;
  }

  private static long lastByte(MemorySegment memory) {
    return memory.address() + Math.max(memory.byteSize(), 1) - 1;
  }

  @Override
  public String toString() {
    return byteReach + " bytes around 0x" + Long.toHexString(anchor.address());
  }
}
