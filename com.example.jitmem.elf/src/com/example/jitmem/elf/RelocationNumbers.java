// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.RelocationKind;
import org.jspecify.annotations.Nullable;

/// The numbers of relocations in the supplements of ELF for each processor: the *System V ABI,
/// AMD64
/// Architecture Processor Supplement* and *ELF for the Arm 64-bit Architecture*.
final class RelocationNumbers {
  private static final int NONE = 0;

  /// A second number for none that AArch64 once had.
  private static final int AARCH64_NONE = 256;

  private RelocationNumbers() {}

  static boolean isNone(int number) {
    return number == NONE || number == AARCH64_NONE;
  }

  /// The kind of a number, null if it is not known.
  static @Nullable RelocationKind kind(Architecture architecture, int number) {
    return architecture == Architecture.AARCH64 ? aarch64(number) : x86(number);
  }

  static boolean isThreadLocal(Architecture architecture, int number) {
    return architecture == Architecture.AARCH64
        ? number >= 512 && number <= 573
        : (number >= 16 && number <= 23) || (number >= 34 && number <= 36);
  }

  private static @Nullable RelocationKind x86(int number) {
    return switch (number) {
      case 1 -> RelocationKind.ABSOLUTE_64;
      case 2 -> RelocationKind.RELATIVE_32;
      case 4 -> RelocationKind.BRANCH_32;
      case 9, 41, 42 -> RelocationKind.ENTRY_RELATIVE_32;
      case 10 -> RelocationKind.ABSOLUTE_32_UNSIGNED;
      case 11 -> RelocationKind.ABSOLUTE_32_SIGNED;
      case 12 -> RelocationKind.ABSOLUTE_16;
      case 13 -> RelocationKind.RELATIVE_16;
      case 14 -> RelocationKind.ABSOLUTE_8;
      case 15 -> RelocationKind.RELATIVE_8;
      case 24 -> RelocationKind.RELATIVE_64;
      case 25 -> RelocationKind.TABLE_OFFSET_64;
      case 26 -> RelocationKind.TABLE_RELATIVE_32;
      case 27, 30 -> RelocationKind.ENTRY_OFFSET_64;
      case 28 -> RelocationKind.ENTRY_RELATIVE_64;
      case 29 -> RelocationKind.TABLE_RELATIVE_64;
      case 31 -> RelocationKind.BRANCH_TABLE_OFFSET_64;
      case 32 -> RelocationKind.SIZE_32;
      case 33 -> RelocationKind.SIZE_64;
      default -> null;
    };
  }

  private static @Nullable RelocationKind aarch64(int number) {
    return switch (number) {
      case 257 -> RelocationKind.ABSOLUTE_64;
      case 258 -> RelocationKind.ABSOLUTE_32;
      case 259 -> RelocationKind.ABSOLUTE_16;
      case 260 -> RelocationKind.RELATIVE_64;
      case 261 -> RelocationKind.RELATIVE_32;
      case 262 -> RelocationKind.RELATIVE_16;
      case 263 -> RelocationKind.AARCH64_MOVE_BITS_0;
      case 264 -> RelocationKind.AARCH64_MOVE_BITS_0_UNCHECKED;
      case 265 -> RelocationKind.AARCH64_MOVE_BITS_16;
      case 266 -> RelocationKind.AARCH64_MOVE_BITS_16_UNCHECKED;
      case 267 -> RelocationKind.AARCH64_MOVE_BITS_32;
      case 268 -> RelocationKind.AARCH64_MOVE_BITS_32_UNCHECKED;
      case 269 -> RelocationKind.AARCH64_MOVE_BITS_48;
      case 273 -> RelocationKind.AARCH64_LITERAL;
      case 274 -> RelocationKind.AARCH64_ADR;
      case 275 -> RelocationKind.AARCH64_ADRP;
      case 276 -> RelocationKind.AARCH64_ADRP_UNCHECKED;
      case 277 -> RelocationKind.AARCH64_ADD_LOW_12;
      case 278 -> RelocationKind.AARCH64_ACCESS_8_LOW_12;
      case 279 -> RelocationKind.AARCH64_TEST_BRANCH;
      case 280 -> RelocationKind.AARCH64_CONDITIONAL_BRANCH;
      case 282 -> RelocationKind.AARCH64_JUMP;
      case 283 -> RelocationKind.AARCH64_CALL;
      case 284 -> RelocationKind.AARCH64_ACCESS_16_LOW_12;
      case 285 -> RelocationKind.AARCH64_ACCESS_32_LOW_12;
      case 286 -> RelocationKind.AARCH64_ACCESS_64_LOW_12;
      case 299 -> RelocationKind.AARCH64_ACCESS_128_LOW_12;
      case 309 -> RelocationKind.AARCH64_ENTRY_LITERAL;
      case 311 -> RelocationKind.AARCH64_ENTRY_ADRP;
      case 312 -> RelocationKind.AARCH64_ENTRY_LOW_12;
      case 313 -> RelocationKind.AARCH64_ENTRY_PAGE_OFFSET;
      case 314 -> RelocationKind.BRANCH_32;
      case 315 -> RelocationKind.ENTRY_RELATIVE_32;
      default -> null;
    };
  }
}
