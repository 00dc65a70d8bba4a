// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What an object file must not be, each with the reason that is given.
class RefusedObjectTest {
  private static final int GLOBAL_FUNCTION = 0x12;

  private final MadeObject made = new MadeObject();
  private final MadeObject.Part text = made.text(new byte[16]);

  @Test
  void theObjectWithoutAFaultIsRead() {
    int symbol = made.symbol("f", GLOBAL_FUNCTION, 0, 3, 16, 0);
    made.relocations(3, 8, 1, symbol, 0, 0, 0, 0, 0, 12, 2, 0, 0);
    assertThat(made.read().relocations()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 1, NOT_SUPPORTED, class",
    "5, 2, NOT_SUPPORTED, byte order",
    "6, 2, NOT_SUPPORTED, version",
    "0x10, 2, NOT_SUPPORTED, -c",
    "0x12, 40, WRONG_ARCHITECTURE, machine 40",
    "0x3A, 40, MALFORMED, 64 bytes",
  })
  void otherFilesAreRefused(String offset, byte value, Reason reason, String message) {
    byte[] bytes = made.bytes();
    bytes[Integer.decode(offset)] = value;
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> ObjectFile.read(MemorySegment.ofArray(bytes), "made"))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {".ctors", ".dtors", ".ctors.65535", ".preinit_array", ".init", ".fini"})
  void olderConstructorsAreRefused(String name) {
    made.section(name, SectionTable.PROGBITS, 3, new byte[8]);
    assertRefused(Reason.NOT_SUPPORTED, name);
    MadeObject other = new MadeObject();
    other.section("x" + name, SectionTable.PROGBITS, 3, new byte[8]);
    assertThat(other.read().sections()).hasSize(1);
  }

  @Test
  void sectionsThatAreWritableAndExecutableAreRefused() {
    made.section(".wx", SectionTable.PROGBITS, 7, new byte[8]);
    assertRefused(Reason.NOT_SUPPORTED, ".wx", "writable and executable");
  }

  @Test
  void threadLocalSectionsAreRefused() {
    made.section(".tdata", SectionTable.PROGBITS, 0x403, new byte[8]);
    assertRefused(Reason.NOT_SUPPORTED, ".tdata", "-femulated-tls");
  }

  @ParameterizedTest
  @CsvSource({"9, REL", "0x40000014, CREL"})
  void otherTablesOfRelocationsAreRefused(String type, String name) {
    made.relocations(3, 0, 1, 0, 0).type = Integer.decode(type);
    assertRefused(Reason.NOT_SUPPORTED, ".text", name);
  }

  @Test
  void theMarkOfGccForLinkTimeOptimizationIsRefused() {
    made.symbol("__gnu_lto_slim", 0x11, 0, 0xFFF2, 1, 1);
    assertRefused(Reason.NOT_SUPPORTED, "-flto");
  }

  @ParameterizedTest
  @CsvSource({"19, -femulated-tls", "36, -femulated-tls", "77, not known", "-1, not known"})
  void relocationsThatAreNotKnownAreRefused(long number, String message) {
    made.relocations(3, 4, number & 0xFFFF_FFFFL, 0, 0);
    assertRefused(Reason.NOT_SUPPORTED, ".text", "0x4", message);
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 16, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void relocationsOutsideTheirSectionAreRefused(long offset) {
    made.relocations(3, offset, 1, 0, 0);
    assertRefused(Reason.MALFORMED, ".text", "outside");
  }

  @Test
  void relocationsWithoutASymbolAreRefused() {
    made.relocations(3, 0, 1, 1, 0);
    assertRefused(Reason.MALFORMED, "has no symbol");
  }

  @Test
  void relocationsOfDebugInformationAreSkipped() {
    made.section(".debug_info", SectionTable.PROGBITS, 0, new byte[8]);
    made.relocations(made.lastSection(), 0, 77, 900, 0);
    assertThat(made.read().sections()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1_0000_0000L, -1, 17, Long.MAX_VALUE})
  void sectionsLargerThanTheFileAreRefused(long size) {
    text.byteSize = size;
    assertRefused(Reason.MALFORMED, "outside the file");
  }

  @Test
  void sectionsThatOverlapAreRefused() {
    made.section(".rodata", SectionTable.PROGBITS, 2, new byte[16]);
    text.byteSize = 17;
    assertRefused(Reason.MALFORMED, "overlaps");
  }

  @Test
  void zerosOf2To63BytesAreReadAndTakeNothing() {
    MadeObject.Part bss = made.section(".bss", SectionTable.NOBITS, 3, new byte[0]);
    bss.byteSize = Long.MAX_VALUE;
    assertThat(made.read().sections().getLast().byteSize()).isEqualTo(Long.MAX_VALUE);
    bss.byteSize = -1;
    assertRefused(Reason.MALFORMED, "negative");
  }

  @ParameterizedTest
  @CsvSource({
    "3, MALFORMED",
    "-1, MALFORMED",
    "0x400000, NOT_SUPPORTED",
    "-0x8000000000000000, NOT_SUPPORTED"
  })
  void alignmentsAreChecked(String alignment, Reason reason) {
    text.alignment = Long.decode(alignment);
    assertRefused(reason, ".text", "alignment");
  }

  @ParameterizedTest
  @CsvSource({"0x4, no known binding", "0x3, no known binding", "0xF, no known binding"})
  void bindingsAreChecked(String binding, String message) {
    made.symbol("f", Integer.decode(binding) << 4, 0, 3, 0, 0);
    assertRefused(Reason.MALFORMED, "symbol f", message);
  }

  @Test
  void symbolsOutsideTheirSectionAreRefused() {
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 3, 17, 0), "outside section .text");
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 3, -1, 0), "outside section .text");
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 4, 0, 0), "in no section");
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 0xFF01, 0, 0), "in no section");
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 0xFFFF, 0, 0), "extended indices");
    check(object -> object.symbol("f", GLOBAL_FUNCTION, 0, 3, 0, -1), "negative size");
    check(object -> object.symbol("f", 2, 0, 0, 0, 0), "undefined");
    check(object -> object.symbol("f", 0x11, 0, 0xFFF2, 3, 8), "alignment");
  }

  @Test
  void groupsAreChecked() {
    check(object -> group(object, 1, 1, 3, 3), "no section 3");
    check(object -> group(object, 1, 1, 99), "no section 99");
    check(object -> group(object, 1, 1, 0), "no section 0");
    check(object -> group(object, 99, 1, 3), "no signature");
    check(object -> group(object, 0, 1, 3), "without a name");
    check(object -> group(object, 1, 1, 3).link = 1, "no signature");
    check(object -> group(object, 1, 1, 3).entryByteSize = 8, "entries of 4 bytes");
  }

  static MadeObject.Part group(MadeObject object, int signature, int... words) {
    object.symbol("signature", 0x20, 0, 3, 0, 0);
    byte[] bytes = new byte[words.length * 4];
    MemorySegment.ofArray(bytes).copyFrom(MemorySegment.ofArray(words));
    MadeObject.Part group = object.section(".group", SectionTable.GROUP, 0, bytes);
    group.link = 2;
    group.info = signature;
    group.entryByteSize = 4;
    return group;
  }

  @Test
  void tablesAreChecked() {
    check(object -> object.part(2).link = 2, "table of strings");
    check(object -> object.part(2).link = 77, "table of strings");
    check(object -> object.part(2).entryByteSize = 16, "entries of 24 bytes");
    check(object -> object.section("", SectionTable.SYMTAB, 0, new byte[0]), "two tables");
    check(object -> object.section("", SectionTable.SYMTAB_SHNDX, 0, new byte[0]), "extended");
    check(object -> object.relocations(3, 0, 1, 0, 0).link = 1, "have no symbols");
    check(object -> object.relocations(3, 0, 1, 0, 0).entryByteSize = 25, "24 bytes");
    check(object -> object.section(".nobits", SectionTable.NOBITS, 6, new byte[0]), "bytes");
    check(object -> object.section(".hash", 5, 2, new byte[4]), "type 0x5");
  }

  @Test
  void namesAreChecked() {
    check(object -> object.part(1).type = SectionTable.PROGBITS, "strings");
    byte[] bytes = made.bytes();
    // The name of .text, section 3
    bytes[MadeObject.HEADER * 4 + 3] = 1;
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> ObjectFile.read(MemorySegment.ofArray(bytes), "made"))
        .withMessageContaining("outside its table");
  }

  /// Many symbols that share the end of one long name would each get a copy of it.
  @Test
  void namesThatOverlapTooOftenAreRefused() {
    made.symbol("n".repeat(10_000), GLOBAL_FUNCTION, 0, 3, 0, 0);
    for (int i = 0; i < 100; i++) {
      made.symbol("", GLOBAL_FUNCTION, 0, 3, 0, 0);
    }
    byte[] bytes = made.bytes();
    int symbols = bytes.length - 16 - 102 * 24;
    int name = bytes[symbols + 24] | bytes[symbols + 25] << 8;
    for (int i = 2; i < 102; i++) {
      bytes[symbols + i * 24] = (byte) (name + i);
      bytes[symbols + i * 24 + 1] = (byte) ((name + i) >> 8);
    }
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> ObjectFile.read(MemorySegment.ofArray(bytes), "made"))
        .withMessageContaining("names overlap");
  }

  private static void check(Consumer<MadeObject> fault, String message) {
    MadeObject object = new MadeObject();
    object.text(new byte[16]);
    fault.accept(object);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(object::read)
        .withMessageContaining(message);
  }

  private void assertRefused(Reason reason, String... messages) {
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(made::read)
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason))
        .withMessageContainingAll(messages);
  }
}
