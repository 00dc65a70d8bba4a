// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Groups, common symbols, and sections whose numbers do not fit into 16 bits.
class GroupsTest {
  private final MadeObject made = new MadeObject();

  @Test
  void membersOfAGroupHaveItsSignature() {
    made.text(new byte[16]);
    made.section(".rodata", SectionTable.PROGBITS, 2, new byte[16]);
    RefusedObjectTest.group(made, 1, 1, 3);
    RelocatableCode unit = made.read();
    assertThat(unit.sections().getFirst().comdat()).isEqualTo("signature");
    assertThat(unit.sections().getLast().comdat()).isEmpty();
  }

  @Test
  void aGroupThatIsNoComdatMeansNothing() {
    made.text(new byte[16]);
    RefusedObjectTest.group(made, 1, 0, 3);
    assertThat(made.read().sections().getFirst().comdat()).isEmpty();
  }

  @Test
  void aGroupOfOlderAssemblersIsNamedAsItsSection() {
    made.text(new byte[16]);
    made.symbol("", SymbolTable.SECTION, 0, 3, 0, 0);
    RefusedObjectTest.group(made, 1, 1, 3);
    assertThat(made.read().sections().getFirst().comdat()).isEqualTo(".text");
  }

  @Test
  void commonAbsoluteAndUniqueSymbolsAreRead() {
    made.text(new byte[16]);
    made.symbol("common", 0x11, 0, 0xFFF2, 32, 400);
    made.symbol("absolute", 0x10, 0, 0xFFF1, -5, 0);
    made.symbol("unique", 0xA1, 0, 3, 8, 4);
    made.symbol("internal", 0x11, 1, 3, 8, 4);
    List<CodeSymbol> symbols = made.read().symbols();
    assertThat(symbols.get(0).kind()).isEqualTo(SymbolKind.COMMON);
    assertThat(symbols.get(0).value()).isEqualTo(32);
    assertThat(symbols.get(0).options().byteSize()).isEqualTo(400);
    assertThat(symbols.get(1).kind()).isEqualTo(SymbolKind.ABSOLUTE);
    assertThat(symbols.get(1).value()).isEqualTo(-5);
    assertThat(symbols.get(2).options().binding()).isEqualTo(SymbolBinding.WEAK);
    assertThat(symbols.get(3).options().isHidden()).isTrue();
  }

  @Test
  void moreSectionsThan16BitsCountAreRead() {
    int count = 66_009;
    made.text(new byte[4]);
    for (int i = 1; i < count; i++) {
      made.section(".t", SectionTable.PROGBITS, 6, new byte[4]);
    }
    int last = made.lastSection();
    made.symbol("last", 0x12, 0, 0xFFFF, 4, 0);
    byte[] indices = new byte[8];
    ByteBuffer.wrap(indices).order(ByteOrder.LITTLE_ENDIAN).putInt(4, last);
    made.section(".symtab_shndx", SectionTable.SYMTAB_SHNDX, 0, indices).link = 2;
    made.part(0).byteSize = last + 2L;
    made.part(0).link = 1;
    made.withExtendedNumbers();
    RelocatableCode unit = made.read();
    assertThat(unit.sections()).hasSize(count);
    assertThat(unit.symbols().getFirst().section()).contains(unit.sections().getLast());
    assertThat(IntStream.of(0, count - 1).mapToObj(i -> unit.sections().get(i).name()))
        .containsExactly(".text", ".t");
  }
}
