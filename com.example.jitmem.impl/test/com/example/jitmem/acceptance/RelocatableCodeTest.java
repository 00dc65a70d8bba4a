// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import com.example.jitmem.api.runtime.SymbolOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// What relocatable code keeps, and what its builder refuses.
class RelocatableCodeTest {
  private static final byte[] CALL = {(byte) 0xE8, 0, 0, 0, 0, (byte) 0xC3};

  private final RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.X86_64);
  private final CodeSection text = builder.section("text", SectionKind.CODE, 16, CALL);

  @Test
  void aUnitHasWhatWasAdded() {
    CodeSymbol entry = builder.define("entry", text, 0);
    CodeSymbol memset = builder.undefined("memset");
    builder.relocate(text, 1, RelocationKind.BRANCH_32, memset, -4);
    RelocatableCode unit = builder.name("unit").build();
    assertThat(unit.name()).isEqualTo("unit");
    assertThat(unit.architecture()).isEqualTo(Architecture.X86_64);
    assertThat(unit.sections()).containsExactly(text);
    assertThat(unit.symbols()).containsExactly(entry, memset);
    assertThat(unit.relocations())
        .containsExactly(new Relocation(text, 1, RelocationKind.BRANCH_32, memset, -4));
    assertThat(entry.section()).contains(text);
    assertThat(entry.options().binding()).isEqualTo(SymbolBinding.GLOBAL);
    assertThat(memset.kind()).isEqualTo(SymbolKind.UNDEFINED);
    assertThat(memset.section()).isEmpty();
    assertThat(memset.index()).isEqualTo(1);
  }

  @Test
  void aUnitKeepsItsBytesAndItsLists() {
    byte[] bytes = CALL.clone();
    CodeSection section = builder.section("copied", SectionKind.CONSTANTS, 1, bytes);
    RelocatableCode unit = builder.build();
    bytes[0] = 1;
    builder.define("later", text, 0);
    assertThat(section.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CALL);
    assertThat(section.bytes().isReadOnly()).isTrue();
    assertThat(unit.symbols()).isEmpty();
    assertThat(builder.build().symbols()).hasSize(1);
  }

  @Test
  void optionsKeepWhatWasSet() {
    SymbolOptions options =
        SymbolOptions.defaults()
            .withBinding(SymbolBinding.WEAK)
            .withHidden()
            .withIndirect()
            .withByteSize(6);
    CodeSymbol symbol = builder.define("f", text, 6, options);
    assertThat(symbol.value()).isEqualTo(6);
    assertThat(symbol.options().binding()).isEqualTo(SymbolBinding.WEAK);
    assertThat(symbol.options().isHidden()).isTrue();
    assertThat(symbol.options().isIndirect()).isTrue();
    assertThat(symbol.options().byteSize()).isEqualTo(6);
    assertThatIllegalArgumentException().isThrownBy(() -> options.withByteSize(-1));
  }

  @Test
  void zerosHaveASizeAndNoBytes() {
    CodeSection zeros = builder.zeros("zeros", 64, 1L << 40, "group");
    assertThat(zeros.kind()).isEqualTo(SectionKind.ZEROS);
    assertThat(zeros.byteSize()).isEqualTo(1L << 40);
    assertThat(zeros.bytes().byteSize()).isZero();
    assertThat(zeros.comdat()).isEqualTo("group");
    CodeSymbol symbol = builder.define("counter", zeros, 1L << 40);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relocate(zeros, 0, RelocationKind.ABSOLUTE_64, symbol, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.section("zeros", SectionKind.ZEROS, 1, CALL));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.zeros("zeros", 1, -1, ""));
  }

  @Test
  void placesOutsideASectionAreRefused() {
    CodeSymbol end = builder.label(text, 6);
    assertThat(end).hasToString("text+0x6");
    builder.relocate(text, 2, RelocationKind.RELATIVE_32, end, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.label(text, 7));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.label(text, -1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relocate(text, 3, RelocationKind.RELATIVE_32, end, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relocate(text, 0, RelocationKind.ABSOLUTE_64, end, 0));
  }

  @Test
  void partsOfAnotherUnitAreRefused() {
    RelocatableCode.Builder other = RelocatableCode.builder(Architecture.X86_64);
    CodeSection section = other.section("text", SectionKind.CODE, 16, CALL);
    CodeSymbol symbol = other.label(section, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.label(section, 0));
    builder.label(text, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relocate(text, 1, RelocationKind.BRANCH_32, symbol, 0));
  }

  @Test
  void alignmentsAndNamesAreChecked() {
    long most = RelocatableCode.MAX_BYTE_ALIGNMENT;
    builder.section("large", SectionKind.DATA, most, CALL);
    for (long wrong : new long[] {0, -1, 3, most * 2, Long.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.section("x", SectionKind.DATA, wrong, CALL));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.common("x", wrong, SymbolOptions.defaults()));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> builder.define("", text, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.undefined(""));
    SymbolOptions local = SymbolOptions.defaults().withBinding(SymbolBinding.LOCAL);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.undefined("x", local));
  }

  @Test
  void instructionsOfAnotherInstructionSetAreRefused() {
    CodeSymbol label = builder.label(text, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.relocate(text, 0, RelocationKind.AARCH64_CALL, label, 0));
    for (RelocationKind kind : RelocationKind.values()) {
      assertThat(kind.supports(Architecture.AARCH64)).isTrue();
      assertThat(kind.supports(Architecture.X86_64)).isNotEqualTo(kind.name().startsWith("AARCH"));
    }
  }

  @Test
  void nativeBytesAreCopiedToo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, CALL);
      CodeSection section = builder.section("native", SectionKind.CODE, 1, bytes);
      bytes.fill((byte) 0);
      assertThat(section.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CALL);
    }
  }

  @Test
  void anExceptionSaysWhere() {
    LinkException where =
        new LinkException(
            LinkException.Reason.OUT_OF_RANGE, "unit", "text", 1, "memset", 1L << 40, "too far");
    assertThat(where).hasMessage("too far");
    assertThat(where.reason()).isEqualTo(LinkException.Reason.OUT_OF_RANGE);
    assertThat(where.unit()).isEqualTo("unit");
    assertThat(where.section()).isEqualTo("text");
    assertThat(where.symbol()).isEqualTo("memset");
    assertThat(where.offset()).hasValue(1);
    assertThat(where.distance()).hasValue(1L << 40);
    LinkException whole = new LinkException(LinkException.Reason.MALFORMED, "unit", "no magic");
    assertThat(whole.section()).isEmpty();
    assertThat(whole.symbol()).isEmpty();
    assertThat(whole.offset()).isEmpty();
    assertThat(whole.distance()).isEmpty();
  }
}
