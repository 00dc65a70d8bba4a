// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Branches: straight where the target is in reach, by a stub where it is not.
class BranchTest {
  private static final long REACH_26 = 1L << 27;
  private static final long REACH_32 = 1L << 31;

  /// The code is one section of 16 bytes, so the stub comes after it.
  private static final long STUB = 16;

  @Test
  void aCallOnX86IsStraightAsFarAsItReaches() {
    for (long distance : new long[] {REACH_32 - 1, -REACH_32, 0, 100}) {
      Linked linked = x86(Linked.CODE + 4 + distance, -4);
      assertThat(linked.codeWord(0)).isEqualTo((int) distance);
    }
  }

  @Test
  void aCallOnX86OutOfReachGoesThroughAStub() {
    for (long distance : new long[] {REACH_32, -REACH_32 - 1, 1L << 45}) {
      Linked linked = x86(Linked.CODE + 4 + distance, -4);
      assertThat(linked.codeWord(0)).isEqualTo((int) STUB - 4);
      // jmp *[rip + 2], which is counted from the end of the instruction of 6 bytes
      assertThat(linked.codeWord(STUB)).isEqualTo(0x0002_25FF);
      assertThat(linked.codeWord(STUB + 4) & 0xFFFF).isZero();
      assertThat(linked.codeQuad(STUB + 8)).isEqualTo(Linked.CODE + 4 + distance);
    }
  }

  @Test
  void aBranchIntoAFunctionOutOfReachIsRefused() {
    assertThat(x86(Linked.CODE, 4).codeWord(0)).isEqualTo(4);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> x86(Linked.CODE + 2 * REACH_32, 0))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_RANGE));
  }

  @ParameterizedTest
  @EnumSource(names = {"AARCH64_CALL", "AARCH64_JUMP"})
  void aBranchOnAarch64IsStraightAsFarAsItReaches(RelocationKind kind) {
    for (long distance : new long[] {REACH_26 - 4, -REACH_26, 0, 100}) {
      assertThat(branch(kind, aarch64(kind, Linked.CODE + distance, 0))).isEqualTo(distance);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AARCH64_CALL", "AARCH64_JUMP"})
  void aBranchOnAarch64OutOfReachGoesThroughAStub(RelocationKind kind) {
    for (long distance : new long[] {REACH_26, -REACH_26 - 4, 1L << 45}) {
      Linked linked = aarch64(kind, Linked.CODE + distance, 0);
      assertThat(branch(kind, linked)).isEqualTo(STUB);
      assertThat(linked.codeWord(STUB)).as("ldr x16, .+8").isEqualTo(0x5800_0050);
      assertThat(linked.codeWord(STUB + 4)).as("br x16").isEqualTo(0xD61F_0200);
      assertThat(linked.codeQuad(STUB + 8)).isEqualTo(Linked.CODE + distance);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AARCH64_CALL", "AARCH64_JUMP"})
  void aBranchOnAarch64ToNoInstructionIsRefused(RelocationKind kind) {
    for (long more = 1; more < 4; more++) {
      long address = Linked.CODE + more;
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> aarch64(kind, address, 0))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MISALIGNED));
    }
  }

  @Test
  void anInstructionOnAarch64AtAnOddPlaceIsRefused() {
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.AARCH64);
    CodeSection text = builder.section("text", SectionKind.CODE, 16, new byte[16]);
    builder.relocate(text, 2, RelocationKind.AARCH64_CALL, builder.label(text, 0), 0);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Linked.of(Map.of(), builder.build()))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MISALIGNED))
        .satisfies(refusal -> assertThat(refusal.distance()).hasValue(Linked.CODE + 2));
  }

  @ParameterizedTest
  @EnumSource(names = {"AARCH64_CALL", "AARCH64_JUMP"})
  void aBranchOnAarch64ToNothingBecomesANop(RelocationKind kind) {
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.AARCH64);
    CodeSection text = builder.section("text", SectionKind.CODE, 16, new byte[16]);
    SymbolOptions weak = SymbolOptions.defaults().withBinding(SymbolBinding.WEAK);
    builder.relocate(text, 0, kind, builder.undefined("nothing", weak), 0);
    assertThat(Linked.of(Map.of(), builder.build()).codeWord(0)).isEqualTo(0xD503_201F);
    Linked found = Linked.of(Map.of("nothing", Linked.CODE + 64), builder.build());
    assertThat(found.codeWord(0)).isEqualTo(64 / 4);
  }

  @Test
  void aCallOnX86ToNothingGoesTo0() {
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.X86_64);
    CodeSection text = builder.section("text", SectionKind.CODE, 16, new byte[16]);
    SymbolOptions weak = SymbolOptions.defaults().withBinding(SymbolBinding.WEAK);
    builder.relocate(text, 0, RelocationKind.BRANCH_32, builder.undefined("nothing", weak), -4);
    Linked linked = Linked.of(Map.of(), builder.build());
    assertThat(linked.codeWord(0)).isEqualTo((int) STUB - 4);
    assertThat(linked.codeQuad(STUB + 8)).isZero();
  }

  @Test
  void branchesToOneSymbolShareAStub() {
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.X86_64);
    CodeSection text = builder.section("text", SectionKind.CODE, 16, new byte[16]);
    CodeSymbol far = builder.undefined("far");
    builder.relocate(text, 0, RelocationKind.BRANCH_32, far, -4);
    builder.relocate(text, 4, RelocationKind.BRANCH_32, far, -4);
    builder.relocate(text, 8, RelocationKind.BRANCH_32, builder.label(text, 0), -4);
    Linked linked = Linked.of(Map.of("far", 16L), builder.build());
    assertThat(linked.plan.codeByteSize()).isEqualTo(32);
    assertThat(linked.codeWord(4)).isEqualTo((int) STUB - 8);
    assertThat(linked.codeWord(8)).isEqualTo(-12);
  }

  /// As many entries as the field reaches, which lie in several pages.
  @Test
  void entriesOnAarch64AreFoundFromThePageOfTheTable() {
    int count = 4096;
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.AARCH64);
    byte[] ones = new byte[3 * 4 * count];
    Arrays.fill(ones, (byte) -1);
    CodeSection text = builder.section("text", SectionKind.CODE, 4096, ones);
    for (int entry = 0; entry < count; entry++) {
      CodeSymbol symbol = builder.absolute("s" + entry, entry, SymbolOptions.defaults());
      long at = 12L * entry;
      builder.relocate(text, at, RelocationKind.AARCH64_ENTRY_ADRP, symbol, 0);
      builder.relocate(text, at + 4, RelocationKind.AARCH64_ENTRY_LOW_12, symbol, 0);
      builder.relocate(text, at + 8, RelocationKind.AARCH64_ENTRY_PAGE_OFFSET, symbol, 0);
    }
    Linked linked = Linked.of(Map.of(), builder.build());
    long table = ones.length;
    assertThat(table % 4096).isZero();
    for (int entry = 0; entry < count; entry++) {
      long at = 12L * entry;
      long page = read(RelocationKind.AARCH64_ENTRY_ADRP, linked, at);
      long low = read(RelocationKind.AARCH64_ENTRY_LOW_12, linked, at + 4);
      long offset = read(RelocationKind.AARCH64_ENTRY_PAGE_OFFSET, linked, at + 8);
      assertThat((at & -4096) + page + low).isEqualTo(table + 8L * entry);
      assertThat(offset).isEqualTo(8L * entry);
      assertThat(linked.codeQuad(table + 8L * entry)).isEqualTo(entry);
    }
  }

  @Test
  void entriesOnAarch64BehindTheReachAreRefused() {
    RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.AARCH64);
    CodeSection text = builder.section("text", SectionKind.CODE, 4096, new byte[4096]);
    List<String> names = LongStream.rangeClosed(0, 4096).mapToObj(n -> "s" + n).toList();
    for (String name : names) {
      CodeSymbol symbol = builder.absolute(name, 1, SymbolOptions.defaults());
      builder.relocate(text, 0, RelocationKind.AARCH64_ENTRY_PAGE_OFFSET, symbol, 0);
    }
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Linked.of(Map.of(), builder.build()))
        .satisfies(refusal -> assertThat(refusal.symbol()).isEqualTo("s4096"))
        .satisfies(refusal -> assertThat(refusal.distance()).hasValue(32_768));
  }

  @ParameterizedTest
  @EnumSource(names = {"AARCH64_ENTRY_ADRP", "AARCH64_ENTRY_LOW_12", "AARCH64_ENTRY_PAGE_OFFSET"})
  void entriesOfOtherPlacesInASymbolAreRefused(RelocationKind kind) {
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> aarch64(kind, 0, 8))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_SUPPORTED));
  }

  private static Linked x86(long target, long addend) {
    return link(Architecture.X86_64, RelocationKind.BRANCH_32, target, addend);
  }

  private static Linked aarch64(RelocationKind kind, long target, long addend) {
    return link(Architecture.AARCH64, kind, target, addend);
  }

  private static Linked link(
      Architecture architecture, RelocationKind kind, long target, long addend) {
    RelocatableCode.Builder builder = RelocatableCode.builder(architecture);
    byte[] ones = new byte[16];
    Arrays.fill(ones, (byte) -1);
    CodeSection text = builder.section("text", SectionKind.CODE, 16, ones);
    builder.relocate(text, 0, kind, builder.undefined("there"), addend);
    return Linked.of(Map.of("there", target), builder.build());
  }

  private static long branch(RelocationKind kind, Linked linked) {
    return read(kind, linked, 0);
  }

  private static long read(RelocationKind kind, Linked linked, long offset) {
    return Instructions.read(kind, linked.codeWord(offset));
  }
}
