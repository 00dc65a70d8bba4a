// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
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
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Where sections, the table and stubs lie.
class LayoutTest {
  private final RelocatableCode.Builder builder =
      RelocatableCode.builder(Architecture.X86_64).name("unit");

  @Test
  void sectionsKeepTheirAlignmentAndGapsInCodeTrap() {
    builder.section("first", SectionKind.CODE, 1, new byte[5]);
    CodeSection second = builder.section("second", SectionKind.CODE, 64, new byte[3]);
    CodeSection third = builder.section("third", SectionKind.CONSTANTS, 128, new byte[1]);
    builder.define("second", second, 0);
    builder.define("third", third, 1);
    Linked linked = Linked.of(Map.of(), builder.build());
    assertThat(linked.address("second")).isEqualTo(Linked.CODE + 64);
    assertThat(linked.address("third")).isEqualTo(Linked.CODE + 129);
    assertThat(linked.plan.codeByteAlignment()).isEqualTo(128);
    assertThat(linked.plan.codeByteSize()).isEqualTo(129);
    assertThat(linked.codeQuad(4)).isEqualTo(0xCCCC_CCCC_CCCC_CC00L);
  }

  @Test
  void dataIsApartFromCodeAndZerosComeLast() {
    CodeSection zeros = builder.zeros("zeros", 32, 100, "");
    CodeSection data = builder.section("data", SectionKind.DATA, 8, new byte[] {1, 2, 3});
    builder.define("zeros", zeros, 0);
    builder.define("data", data, 0);
    builder.section("code", SectionKind.CODE, 1, new byte[7]);
    Linked linked = Linked.of(Map.of(), builder.build());
    assertThat(linked.plan.codeByteSize()).isEqualTo(7);
    assertThat(linked.address("data")).isEqualTo(Linked.DATA);
    assertThat(linked.address("zeros")).isEqualTo(Linked.DATA + 32);
    assertThat(linked.plan.initializedByteSize()).isEqualTo(3);
    assertThat(linked.plan.dataByteSize()).isEqualTo(132);
    assertThat(linked.plan.dataByteAlignment()).isEqualTo(32);
  }

  @Test
  void unwindTablesFollowEachOtherWithoutGapsAndEndWithZeros() {
    builder.section("one", SectionKind.UNWIND, 8, new byte[] {1, 1, 1, 1, 1});
    builder.section("two", SectionKind.UNWIND, 8, new byte[] {2, 2, 2});
    Linked linked = Linked.of(Map.of(), builder.build());
    Range unwind = linked.plan.unwind();
    assertThat(unwind.byteSize()).isEqualTo(12);
    assertThat(linked.codeQuad(unwind.offset())).isEqualTo(0x0202_0201_0101_0101L);
    assertThat(linked.codeWord(unwind.offset() + 8)).isZero();
    RelocatableCode nothing = RelocatableCode.builder(Architecture.X86_64).build();
    assertThat(Linked.of(Map.of(), nothing).plan.unwind().byteSize()).isZero();
  }

  @Test
  void initializersRunInTheOrderOfTheirNumbers() {
    for (String name : List.of("init", "init.200", "init.00101", "init.x")) {
      addPointer(SectionKind.INITIALIZERS, name);
    }
    addPointer(SectionKind.FINALIZERS, "fini.3");
    builder.section("code", SectionKind.CODE, 1, new byte[3]);
    Linked linked = Linked.of(Map.of(), builder.build());
    Range initializers = linked.plan.initializers();
    assertThat(initializers).isEqualTo(new Range(8, 32));
    assertThat(
            LongStream.range(0, 4).map(index -> linked.codeQuad(initializers.offset() + 8 * index)))
        .containsExactly(101L, 200L, 0L, 0L);
    assertThat(linked.plan.finalizers()).isEqualTo(new Range(40, 8));
    assertThat(linked.codeQuad(40)).isEqualTo(3);
  }

  private void addPointer(SectionKind kind, String name) {
    CodeSection section = builder.section(name, kind, 8, new byte[8]);
    String number = name.replaceAll("[^0-9]", "");
    long value = number.isEmpty() ? 0 : Long.parseLong(number);
    builder.relocate(
        section,
        0,
        RelocationKind.ABSOLUTE_64,
        builder.absolute(name, value, SymbolOptions.defaults()),
        0);
  }

  @Test
  void halfAnInitializerIsRefused() {
    builder.section("init", SectionKind.INITIALIZERS, 4, new byte[12]);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Linked.plan(Map.of(), builder.build()))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED));
  }

  @Test
  void codeZerosAndCommonDataCountBeforeMemoryIsTaken() {
    builder.section("code", SectionKind.CODE, 1, new byte[100]);
    builder.zeros("zeros", 1, 200, "");
    builder.common("common", 1, SymbolOptions.defaults().withByteSize(300));
    assertThatCode(() -> plan(600)).doesNotThrowAnyException();
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> plan(599))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.LIMIT_EXCEEDED))
        .withMessageContaining("599");
    builder.zeros("huge", 1, Long.MAX_VALUE, "");
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> plan(Long.MAX_VALUE))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
  }

  @Test
  void commonDataOfTheLargestSizeIsRefused() {
    builder.common("huge", 1, SymbolOptions.defaults().withByteSize(Long.MAX_VALUE));
    assertThatExceptionOfType(LinkException.class).isThrownBy(() -> plan(Long.MAX_VALUE));
  }

  private LinkPlan plan(long limit) {
    return LinkPlan.of(List.of(builder.build()), limit, name -> OptionalLong.empty());
  }

  @Test
  void oneSymbolHasOneEntryAndTheTableHasAName() {
    CodeSection code = builder.section("code", SectionKind.CODE, 8, new byte[48]);
    CodeSymbol far = builder.undefined("far");
    CodeSymbol table = builder.undefined("_GLOBAL_OFFSET_TABLE_");
    builder.relocate(code, 0, RelocationKind.ENTRY_OFFSET_64, builder.label(code, 5), 0);
    builder.relocate(code, 8, RelocationKind.ENTRY_OFFSET_64, far, 3);
    builder.relocate(code, 16, RelocationKind.ENTRY_RELATIVE_64, far, 1);
    builder.relocate(code, 24, RelocationKind.TABLE_RELATIVE_64, table, 2);
    builder.relocate(code, 32, RelocationKind.TABLE_OFFSET_64, far, 0);
    builder.relocate(code, 40, RelocationKind.ABSOLUTE_64, table, 0);
    Linked linked = Linked.of(Map.of("far", 1234L), builder.build());
    assertThat(linked.plan.codeByteSize()).isEqualTo(48 + 16);
    assertThat(linked.codeQuad(48)).isEqualTo(Linked.CODE + 5);
    assertThat(linked.codeQuad(56)).isEqualTo(1234);
    assertThat(linked.codeQuad(0)).isZero();
    assertThat(linked.codeQuad(8)).isEqualTo(8 + 3);
    assertThat(linked.codeQuad(16)).isEqualTo(56 + 1 - 16);
    assertThat(linked.codeQuad(24)).isEqualTo(48 + 2 - 24);
    assertThat(linked.codeQuad(32)).isEqualTo(1234 - (Linked.CODE + 48));
    assertThat(linked.codeQuad(40)).isEqualTo(Linked.CODE + 48);
  }

  @Test
  void anIndirectFunctionIsItsStubUntilItIsResolved() {
    CodeSection code = builder.section("code", SectionKind.CODE, 16, new byte[32]);
    SymbolOptions indirect = SymbolOptions.defaults().withIndirect();
    CodeSymbol function = builder.define("function", code, 4, indirect);
    builder.relocate(code, 16, RelocationKind.ABSOLUTE_64, function, 0);
    builder.relocate(code, 24, RelocationKind.BRANCH_32, function, -4);
    builder.relocate(code, 28, RelocationKind.ENTRY_RELATIVE_32, function, -4);
    Linked linked = Linked.of(Map.of(), builder.build());
    long table = 32;
    long stub = 48;
    assertThat(linked.address("function")).isEqualTo(Linked.CODE + stub);
    assertThat(linked.codeQuad(16)).isEqualTo(Linked.CODE + stub);
    assertThat(linked.codeWord(24)).isEqualTo((int) stub - 28);
    assertThat(linked.codeWord(28)).isEqualTo((int) table - 32);
    assertThat(linked.codeQuad(table)).isEqualTo(Linked.CODE + stub);
    assertThat(linked.plan.indirectFunctions())
        .containsExactly(new IndirectFunction("function", 4, stub + 8));
    assertThat(linked.codeQuad(stub + 8)).isZero();
  }

  @Test
  void everyFunctionHasAPlaceHiddenAndLocalOnesToo() {
    CodeSection code = builder.section("code", SectionKind.CODE, 16, new byte[32]);
    CodeSection data = builder.section("data", SectionKind.DATA, 16, new byte[32]);
    SymbolOptions sized = SymbolOptions.defaults().withByteSize(4);
    builder.define("global", code, 0, sized);
    builder.define("hidden", code, 8, sized.withHidden());
    builder.define("local", code, 16, sized.withBinding(SymbolBinding.LOCAL));
    builder.define("data", data, 16, sized);
    builder.label(code, 3);
    assertThat(Linked.plan(Map.of(), builder.build()).functions())
        .containsExactlyInAnyOrder(
            new LinkedSymbol("global", Area.CODE, 0, 4, true),
            new LinkedSymbol("hidden", Area.CODE, 8, 4, true),
            new LinkedSymbol("local", Area.CODE, 16, 4, true));
  }

  @Test
  void aPlanIsRelocatedForAnyAddresses() {
    CodeSection code = builder.section("code", SectionKind.CODE, 16, new byte[16]);
    CodeSection data = builder.section("data", SectionKind.DATA, 16, new byte[16]);
    builder.relocate(code, 0, RelocationKind.RELATIVE_32, builder.label(data, 8), 0);
    builder.relocate(data, 8, RelocationKind.ABSOLUTE_64, builder.label(code, 1), 0);
    LinkPlan plan = Linked.plan(Map.of(), builder.build());
    Linked near = Linked.at(plan, 0x1000, 0x2000);
    Linked swapped = Linked.at(plan, 0x2000, 0x1000);
    assertThat(near.codeWord(0)).isEqualTo(0x1008);
    assertThat(swapped.codeWord(0)).isEqualTo(-0xFF8);
    assertThat(near.dataQuad(8)).isEqualTo(0x1001);
    assertThat(swapped.dataQuad(8)).isEqualTo(0x2001);
  }

  @Test
  void dataOutOfReachIsRefusedWithTheRemedy() {
    CodeSection code = builder.section("text", SectionKind.CODE, 16, new byte[16]);
    builder.relocate(code, 4, RelocationKind.RELATIVE_32, builder.undefined("errno"), -4);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Linked.of(Map.of("errno", 0L), builder.build()))
        .withMessageContainingAll("unit", "text", "0x4", "errno", "-87,960,930,222,088", "-fPIC");
  }
}
