// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.RelocationKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a kind of relocation computes, and where it writes it.
record Rule(Formula formula, Field field) {
  private static final Map<RelocationKind, Rule> RULES =
      new EnumMap<>(
          Arrays.stream(RelocationKind.values())
              .collect(
                  Collectors.toMap(
                      Function.identity(), kind -> new Rule(formula(kind), field(kind)))));

  static Rule of(RelocationKind kind) {
    return Objects.requireNonNull(RULES.get(kind));
  }

  private static Formula formula(RelocationKind kind) {
    return switch (kind) {
      case RELATIVE_64,
          RELATIVE_32,
          RELATIVE_16,
          RELATIVE_8,
          AARCH64_LITERAL,
          AARCH64_ADR,
          AARCH64_TEST_BRANCH,
          AARCH64_CONDITIONAL_BRANCH ->
          Formula.RELATIVE;
      case BRANCH_32, AARCH64_JUMP, AARCH64_CALL -> Formula.BRANCH;
      case SIZE_64, SIZE_32 -> Formula.SIZE;
      case ENTRY_RELATIVE_64, ENTRY_RELATIVE_32, AARCH64_ENTRY_LITERAL -> Formula.ENTRY_RELATIVE;
      case ENTRY_OFFSET_64 -> Formula.ENTRY_OFFSET;
      case TABLE_RELATIVE_64, TABLE_RELATIVE_32 -> Formula.TABLE_RELATIVE;
      case TABLE_OFFSET_64, BRANCH_TABLE_OFFSET_64 -> Formula.TABLE_OFFSET;
      case AARCH64_ADRP, AARCH64_ADRP_UNCHECKED -> Formula.PAGE_RELATIVE;
      case AARCH64_ENTRY_ADRP -> Formula.ENTRY_PAGE_RELATIVE;
      case AARCH64_ENTRY_LOW_12 -> Formula.ENTRY_ADDRESS;
      case AARCH64_ENTRY_PAGE_OFFSET -> Formula.ENTRY_PAGE_OFFSET;
      default -> Formula.ADDRESS;
    };
  }

  private static Field field(RelocationKind kind) {
    return switch (kind) {
      case ABSOLUTE_32 -> Field.LONG;
      case ABSOLUTE_32_UNSIGNED, SIZE_32 -> Field.LONG_UNSIGNED;
      case ABSOLUTE_32_SIGNED, RELATIVE_32, BRANCH_32, ENTRY_RELATIVE_32, TABLE_RELATIVE_32 ->
          Field.LONG_SIGNED;
      case ABSOLUTE_16 -> Field.WORD;
      case RELATIVE_16 -> Field.WORD_SIGNED;
      case ABSOLUTE_8 -> Field.BYTE;
      case RELATIVE_8 -> Field.BYTE_SIGNED;
      case AARCH64_MOVE_BITS_0 -> Field.MOVE_0;
      case AARCH64_MOVE_BITS_0_UNCHECKED -> Field.MOVE_0_OF_64;
      case AARCH64_MOVE_BITS_16 -> Field.MOVE_16;
      case AARCH64_MOVE_BITS_16_UNCHECKED -> Field.MOVE_16_OF_64;
      case AARCH64_MOVE_BITS_32 -> Field.MOVE_32;
      case AARCH64_MOVE_BITS_32_UNCHECKED -> Field.MOVE_32_OF_64;
      case AARCH64_MOVE_BITS_48 -> Field.MOVE_48;
      case AARCH64_LITERAL, AARCH64_CONDITIONAL_BRANCH, AARCH64_ENTRY_LITERAL -> Field.BRANCH_19;
      case AARCH64_ADR -> Field.ADR;
      case AARCH64_ADRP, AARCH64_ENTRY_ADRP -> Field.ADRP;
      case AARCH64_ADRP_UNCHECKED -> Field.ADRP_UNCHECKED;
      case AARCH64_ADD_LOW_12, AARCH64_ACCESS_8_LOW_12 -> Field.LOW_12;
      case AARCH64_ACCESS_16_LOW_12 -> Field.LOW_12_OF_2;
      case AARCH64_ACCESS_32_LOW_12 -> Field.LOW_12_OF_4;
      case AARCH64_ACCESS_64_LOW_12, AARCH64_ENTRY_LOW_12 -> Field.LOW_12_OF_8;
      case AARCH64_ACCESS_128_LOW_12 -> Field.LOW_12_OF_16;
      case AARCH64_TEST_BRANCH -> Field.BRANCH_14;
      case AARCH64_JUMP, AARCH64_CALL -> Field.BRANCH_26;
      case AARCH64_ENTRY_PAGE_OFFSET -> Field.LOW_15_OF_8;
      default -> Field.QUAD;
    };
  }
}
