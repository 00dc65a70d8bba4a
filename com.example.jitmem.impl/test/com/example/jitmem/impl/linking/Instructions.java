// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.runtime.RelocationKind;

/// Reads the immediate operands of AArch64 instructions as a processor does.
final class Instructions {
  private Instructions() {}

  /// The operand of an instruction of which all other bits are set.
  static long read(RelocationKind kind, int word) {
    return switch (kind) {
      case AARCH64_JUMP, AARCH64_CALL -> signed(word, 0, 26) * 4;
      case AARCH64_TEST_BRANCH -> signed(word, 5, 14) * 4;
      case AARCH64_LITERAL, AARCH64_CONDITIONAL_BRANCH, AARCH64_ENTRY_LITERAL ->
          signed(word, 5, 19) * 4;
      case AARCH64_ADR -> adr(word);
      case AARCH64_ADRP, AARCH64_ADRP_UNCHECKED, AARCH64_ENTRY_ADRP -> adr(word) * 4096;
      case AARCH64_ADD_LOW_12, AARCH64_ACCESS_8_LOW_12 -> unsigned(word, 10, 12);
      case AARCH64_ACCESS_16_LOW_12 -> unsigned(word, 10, 12) * 2;
      case AARCH64_ACCESS_32_LOW_12 -> unsigned(word, 10, 12) * 4;
      case AARCH64_ACCESS_64_LOW_12, AARCH64_ENTRY_LOW_12, AARCH64_ENTRY_PAGE_OFFSET ->
          unsigned(word, 10, 12) * 8;
      case AARCH64_ACCESS_128_LOW_12 -> unsigned(word, 10, 12) * 16;
      default -> unsigned(word, 5, 16);
    };
  }

  private static long adr(int word) {
    assertThat(word | 0x60FF_FFE0).isEqualTo(-1);
    long high = (long) (word << 8 >> 13) * 4;
    return high + (word >>> 29 & 3);
  }

  private static long unsigned(int word, int position, int width) {
    int mask = (1 << width) - 1;
    assertThat(word | mask << position).as("other bits of %x", word).isEqualTo(-1);
    return (word >>> position & mask) & 0xFFFF_FFFFL;
  }

  private static long signed(int word, int position, int width) {
    long value = unsigned(word, position, width);
    return value << (64 - width) >> (64 - width);
  }
}
