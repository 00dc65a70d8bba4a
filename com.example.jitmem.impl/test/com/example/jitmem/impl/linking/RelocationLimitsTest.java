// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import com.example.jitmem.api.runtime.SymbolOptions;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every kind of relocation at both ends of what its field holds. The limits are those of the ABIs
/// of the processors, written down here a second time.
class RelocationLimitsTest {
  /// Where the field lies in the code.
  private static final long OFFSET = 8;

  private static final long PLACE = Linked.CODE + OFFSET;

  /// All bits of the fields set before, so that a field that is not cleared shows.
  private static final byte[] ONES = {
    0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0
  };

  @ParameterizedTest
  @CsvSource({
    "ABSOLUTE_32, -0x80000000, 0xFFFFFFFF",
    "ABSOLUTE_32_UNSIGNED, 0, 0xFFFFFFFF",
    "ABSOLUTE_32_SIGNED, -0x80000000, 0x7FFFFFFF",
    "ABSOLUTE_16, -0x8000, 0xFFFF",
    "ABSOLUTE_8, -0x80, 0xFF",
    "AARCH64_MOVE_BITS_0, 0, 0xFFFF",
    "AARCH64_MOVE_BITS_16, 0, 0xFFFFFFFF",
    "AARCH64_MOVE_BITS_32, 0, 0xFFFFFFFFFFFF",
  })
  void addresses(RelocationKind kind, String least, String most) {
    checkLimits(kind, Long.decode(least), Long.decode(most), 1, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "ABSOLUTE_64",
    "AARCH64_MOVE_BITS_0_UNCHECKED",
    "AARCH64_MOVE_BITS_16_UNCHECKED",
    "AARCH64_MOVE_BITS_32_UNCHECKED",
    "AARCH64_MOVE_BITS_48",
    "AARCH64_ADD_LOW_12",
    "AARCH64_ACCESS_8_LOW_12",
  })
  void addressesWithoutLimits(RelocationKind kind) {
    for (long value : new long[] {0, -1, 0x7FFF_EDCB_A987_6543L, Long.MIN_VALUE}) {
      assertHolds(kind, value, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RELATIVE_32, -0x80000000, 0x7FFFFFFF, 1",
    "RELATIVE_16, -0x8000, 0x7FFF, 1",
    "RELATIVE_8, -0x80, 0x7F, 1",
    "AARCH64_LITERAL, -0x100000, 0xFFFFF, 4",
    "AARCH64_CONDITIONAL_BRANCH, -0x100000, 0xFFFFF, 4",
    "AARCH64_TEST_BRANCH, -0x8000, 0x7FFF, 4",
    "AARCH64_ADR, -0x100000, 0xFFFFF, 1",
  })
  void distances(RelocationKind kind, String least, String most, int multiple) {
    checkLimits(kind, Long.decode(least), Long.decode(most), multiple, PLACE);
  }

  @ParameterizedTest
  @CsvSource({"RELATIVE_64", "AARCH64_ADRP_UNCHECKED"})
  void distancesWithoutLimits(RelocationKind kind) {
    for (long value : new long[] {0, -0x1000, 0x7FFF_EDCB_A987_6000L}) {
      assertHolds(kind, value, kind == RelocationKind.RELATIVE_64 ? PLACE : Linked.CODE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AARCH64_ACCESS_16_LOW_12, 2",
    "AARCH64_ACCESS_32_LOW_12, 4",
    "AARCH64_ACCESS_64_LOW_12, 8",
    "AARCH64_ACCESS_128_LOW_12, 16",
  })
  void accessesAreAligned(RelocationKind kind, int multiple) {
    for (long value : new long[] {0, 4096 - multiple, 0x1234_5678_9000L + multiple}) {
      assertHolds(kind, value, 0);
      for (int more = 1; more < multiple; more++) {
        assertRefused(kind, value + more, 0, Reason.MISALIGNED);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"AARCH64_ADRP"})
  void pages(RelocationKind kind) {
    assertHolds(kind, -(1L << 32), Linked.CODE);
    assertHolds(kind, (1L << 32) - 0x1000, Linked.CODE);
    assertRefused(kind, -(1L << 32) - 1, Linked.CODE, Reason.OUT_OF_RANGE);
    assertRefused(kind, 1L << 32, Linked.CODE, Reason.OUT_OF_RANGE);
    assertHolds(kind, 0xFFF, Linked.CODE);
  }

  @ParameterizedTest
  @CsvSource({
    "ENTRY_RELATIVE_32, -0x80000000, 0x7FFFFFFF, 1",
    "TABLE_RELATIVE_32, -0x80000000, 0x7FFFFFFF, 1",
    "AARCH64_ENTRY_LITERAL, -0x100000, 0xFFFFF, 4",
  })
  void distancesOfTheTable(RelocationKind kind, String least, String most, int multiple) {
    long distance = ONES.length - OFFSET;
    checkLimitsOfAddend(kind, Long.decode(least), Long.decode(most), multiple, distance);
  }

  @ParameterizedTest
  @CsvSource({"SIZE_32"})
  void sizes(RelocationKind kind) {
    checkLimitsOfAddend(kind, 0, 0xFFFF_FFFFL, 1, 24);
  }

  private static void checkLimits(
      RelocationKind kind, long least, long most, int multiple, long origin) {
    long last = most & -multiple;
    assertHolds(kind, least, origin);
    assertHolds(kind, last, origin);
    assertHolds(kind, 0, origin);
    assertRefused(kind, least - 1, origin, Reason.OUT_OF_RANGE);
    assertRefused(kind, most + 1, origin, Reason.OUT_OF_RANGE);
    for (int more = 1; more < multiple; more++) {
      assertRefused(kind, least + more, origin, Reason.MISALIGNED);
      assertRefused(kind, last + more, origin, Reason.MISALIGNED);
    }
  }

  private static void checkLimitsOfAddend(
      RelocationKind kind, long least, long most, int multiple, long without) {
    long last = most & -multiple;
    assertThat(read(kind, relocated(kind, 24, least - without))).isEqualTo(cut(kind, least));
    assertThat(read(kind, relocated(kind, 24, last - without))).isEqualTo(cut(kind, last));
    assertRefused(kind, 24, least - 1 - without, least - 1, Reason.OUT_OF_RANGE);
    assertRefused(kind, 24, most + 1 - without, most + 1, Reason.OUT_OF_RANGE);
    if (multiple > 1) {
      assertRefused(kind, 24, least + 1 - without, least + 1, Reason.MISALIGNED);
    }
  }

  /// The value is computed from the address and the origin; the addend takes part in it.
  private static void assertHolds(RelocationKind kind, long value, long origin) {
    for (long addend : new long[] {0, 4, -16}) {
      Linked linked = relocated(kind, value + origin - addend, addend);
      assertThat(read(kind, linked)).as("%s of %x", kind, value).isEqualTo(cut(kind, value));
    }
  }

  private static void assertRefused(RelocationKind kind, long value, long origin, Reason reason) {
    long seen = kind == RelocationKind.AARCH64_ADRP ? value & -0x1000 : value;
    assertRefused(kind, value + origin, 0, seen, reason);
  }

  private static void assertRefused(
      RelocationKind kind, long address, long addend, long seen, Reason reason) {
    LinkException refusal =
        Objects.requireNonNull(
            catchThrowableOfType(LinkException.class, () -> relocated(kind, address, addend)),
            () -> kind + " accepts " + seen);
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.section()).isEqualTo("text");
    assertThat(refusal.offset()).hasValue(OFFSET);
    assertThat(refusal.symbol()).isEqualTo("there");
    assertThat(refusal.distance()).hasValue(seen);
    assertThat(refusal).hasMessageContaining("text").hasMessageContaining("there");
  }

  private static Linked relocated(RelocationKind kind, long address, long addend) {
    Architecture architecture =
        kind.supports(Architecture.X86_64) ? Architecture.X86_64 : Architecture.AARCH64;
    RelocatableCode.Builder builder = RelocatableCode.builder(architecture);
    CodeSection text = builder.section("text", SectionKind.CODE, 4096, ONES);
    SymbolOptions sized = SymbolOptions.defaults().withByteSize(24);
    CodeSymbol there = builder.absolute("there", address, sized);
    builder.relocate(text, OFFSET, kind, there, addend);
    return Linked.of(Map.of(), builder.build());
  }

  /// What is left of a value in a field.
  private static long cut(RelocationKind kind, long value) {
    return switch (kind) {
      case ABSOLUTE_32, ABSOLUTE_32_UNSIGNED, SIZE_32 -> value & 0xFFFF_FFFFL;
      case ABSOLUTE_16 -> value & 0xFFFF;
      case ABSOLUTE_8 -> value & 0xFF;
      case AARCH64_MOVE_BITS_0, AARCH64_MOVE_BITS_0_UNCHECKED -> value & 0xFFFF;
      case AARCH64_MOVE_BITS_16, AARCH64_MOVE_BITS_16_UNCHECKED -> value >> 16 & 0xFFFF;
      case AARCH64_MOVE_BITS_32, AARCH64_MOVE_BITS_32_UNCHECKED -> value >> 32 & 0xFFFF;
      case AARCH64_MOVE_BITS_48 -> value >> 48 & 0xFFFF;
      case AARCH64_ADRP, AARCH64_ADRP_UNCHECKED -> value << 31 >> 31 & -0x1000;
      default -> kind.name().endsWith("LOW_12") ? value & 0xFFF : value;
    };
  }

  /// Reads a field as the processor does, and finds that the other bits are as they were.
  private static long read(RelocationKind kind, Linked linked) {
    long quad = linked.codeQuad(OFFSET);
    if (!kind.supports(Architecture.X86_64)) {
      return Instructions.read(kind, (int) quad);
    }
    assertThat(linked.codeQuad(0)).isZero();
    assertThat(linked.codeQuad(16)).isZero();
    return switch (kind.byteSize()) {
      case 8 -> quad;
      case 4 -> {
        assertThat(quad >> 32).isEqualTo(-1);
        boolean signed = kind.name().contains("RELATIVE") || kind.name().endsWith("_SIGNED");
        yield signed ? (int) quad : quad & 0xFFFF_FFFFL;
      }
      case 2 -> {
        assertThat(quad >> 16).isEqualTo(-1);
        yield kind == RelocationKind.RELATIVE_16 ? (short) quad : quad & 0xFFFF;
      }
      default -> {
        assertThat(quad >> 8).isEqualTo(-1);
        yield kind == RelocationKind.RELATIVE_8 ? (byte) quad : quad & 0xFF;
      }
    };
  }
}
