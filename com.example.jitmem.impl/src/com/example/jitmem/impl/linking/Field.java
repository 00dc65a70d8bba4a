// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where a relocation writes its value, and which values fit.
enum Field {
  QUAD(Long.MIN_VALUE, Long.MAX_VALUE),
  LONG(Integer.MIN_VALUE, 0xFFFF_FFFFL),
  LONG_UNSIGNED(0, 0xFFFF_FFFFL),
  LONG_SIGNED(Integer.MIN_VALUE, Integer.MAX_VALUE),
  WORD(Short.MIN_VALUE, 0xFFFF),
  WORD_SIGNED(Short.MIN_VALUE, Short.MAX_VALUE),
  BYTE(Byte.MIN_VALUE, 0xFF),
  BYTE_SIGNED(Byte.MIN_VALUE, Byte.MAX_VALUE),

  /// 16 bits of `MOVZ` and `MOVK`, of values of 16 to 64 bits.
  MOVE_0(0, 0xFFFF, 1, 0, 5, 16),
  MOVE_0_OF_64(Long.MIN_VALUE, Long.MAX_VALUE, 1, 0, 5, 16),
  MOVE_16(0, 0xFFFF_FFFFL, 1, 16, 5, 16),
  MOVE_16_OF_64(Long.MIN_VALUE, Long.MAX_VALUE, 1, 16, 5, 16),
  MOVE_32(0, 0xFFFF_FFFF_FFFFL, 1, 32, 5, 16),
  MOVE_32_OF_64(Long.MIN_VALUE, Long.MAX_VALUE, 1, 32, 5, 16),
  MOVE_48(Long.MIN_VALUE, Long.MAX_VALUE, 1, 48, 5, 16),

  /// Distances in instructions.
  BRANCH_14(-(1L << 15), (1L << 15) - 1, 4, 2, 5, 14),
  BRANCH_19(-(1L << 20), (1L << 20) - 1, 4, 2, 5, 19),
  BRANCH_26(-(1L << 27), (1L << 27) - 1, 4, 2, 0, 26),

  /// Distances in bytes and in pages, which `ADR` and `ADRP` keep in two parts.
  ADR(-(1L << 20), (1L << 20) - 1, 1, 0, 5, 21),
  ADRP(-(1L << 32), (1L << 32) - 1, 1, 12, 5, 21),
  ADRP_UNCHECKED(Long.MIN_VALUE, Long.MAX_VALUE, 1, 12, 5, 21),

  /// The lowest 12 bits, in units of what is loaded or stored.
  LOW_12(Long.MIN_VALUE, Long.MAX_VALUE, 1, 0, 10, 12),
  LOW_12_OF_2(Long.MIN_VALUE, Long.MAX_VALUE, 2, 1, 10, 11),
  LOW_12_OF_4(Long.MIN_VALUE, Long.MAX_VALUE, 4, 2, 10, 10),
  LOW_12_OF_8(Long.MIN_VALUE, Long.MAX_VALUE, 8, 3, 10, 9),
  LOW_12_OF_16(Long.MIN_VALUE, Long.MAX_VALUE, 16, 4, 10, 8),
  LOW_15_OF_8(0, (1L << 15) - 1, 8, 3, 10, 12);

  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  /// The 12 bits of an immediate operand at bit 10.
  private static final int IMMEDIATE_12 = 0xFFF << 10;

  final long min;
  final long max;

  /// What a value has to be a multiple of.
  final int multiple;

  private final boolean instruction;
  private final int shift;
  private final int position;
  private final int width;

  /// Bytes of their own.
  Field(long min, long max) {
    this.min = min;
    this.max = max;
    this.multiple = 1;
    this.instruction = false;
    this.shift = 0;
    this.position = 0;
    this.width = 0;
  }

  /// Bits of an AArch64 instruction: the value without its lowest `shift` bits, of which the lowest
  /// `width` bits begin at bit `position`.
  Field(long min, long max, int multiple, int shift, int position, int width) {
    this.min = min;
    this.max = max;
    this.multiple = multiple;
    this.instruction = true;
    this.shift = shift;
    this.position = position;
    this.width = width;
  }

  boolean isInstruction() {
    return instruction;
  }

  boolean holds(long value) {
    return value >= min && value <= max;
  }

  /// Writes a value that fits.
  void write(MemorySegment bytes, long offset, long value) {
    switch (this) {
      case QUAD -> bytes.set(INT64, offset, value);
      case LONG, LONG_UNSIGNED, LONG_SIGNED -> bytes.set(INT32, offset, (int) value);
      case WORD, WORD_SIGNED -> bytes.set(INT16, offset, (short) value);
      case BYTE, BYTE_SIGNED -> bytes.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
      default -> bytes.set(INT32, offset, insert(bytes.get(INT32, offset), value >> shift));
    }
  }

  private int insert(int word, long value) {
    int bits = (int) value & ((1 << width) - 1);
    return switch (this) {
      case ADR, ADRP, ADRP_UNCHECKED ->
          (word & 0x9F00_001F) | (bits & 3) << 29 | bits >> 2 << position;
      case LOW_12, LOW_12_OF_2, LOW_12_OF_4, LOW_12_OF_8, LOW_12_OF_16, LOW_15_OF_8 ->
          (word & ~IMMEDIATE_12) | bits << position;
      default -> (word & ~(((1 << width) - 1) << position)) | bits << position;
    };
  }
}
