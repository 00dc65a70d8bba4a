// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read from object files that compilers wrote.
class CompiledObjectTest {
  static Stream<String> loadable() {
    return Stream.of("x86-64", "aarch64")
        .flatMap(folder -> CompiledObjects.loadable(folder).stream());
  }

  @ParameterizedTest
  @MethodSource("loadable")
  void everyObjectIsRead(String name) throws IOException {
    RelocatableCode unit = ObjectFile.read(CompiledObjects.path(name));
    assertThat(unit.architecture())
        .isEqualTo(name.startsWith("x86") ? Architecture.X86_64 : Architecture.AARCH64);
    assertThat(unit.name()).endsWith(name.substring(name.indexOf('/')));
    assertThat(unit.sections()).anyMatch(section -> section.kind() == SectionKind.CODE);
    assertThat(unit.sections()).noneMatch(section -> section.name().startsWith(".note"));
    assertThat(unit.sections()).noneMatch(section -> section.name().equals(".comment"));
    assertThat(unit.relocations()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("loadable")
  void memoryAndFilesGiveTheSame(String name) throws IOException {
    RelocatableCode file = ObjectFile.read(CompiledObjects.path(name));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, CompiledObjects.bytes(name));
      RelocatableCode memory = ObjectFile.read(bytes, "memory");
      bytes.fill((byte) 0);
      assertThat(memory.name()).isEqualTo("memory");
      assertThat(memory.relocations()).hasSameSizeAs(file.relocations());
      for (CodeSection section : memory.sections()) {
        CodeSection other = file.sections().get(section.index());
        assertThat(section.bytes().mismatch(other.bytes())).isEqualTo(-1);
      }
    }
  }

  @Test
  void sectionsHaveTheirKinds() {
    RelocatableCode state = read("x86-64/state-gcc-O2-pic.o");
    assertThat(section(state, ".text").kind()).isEqualTo(SectionKind.CODE);
    assertThat(section(state, ".data").kind()).isEqualTo(SectionKind.DATA);
    assertThat(section(state, ".bss").kind()).isEqualTo(SectionKind.ZEROS);
    assertThat(section(state, ".bss").byteSize()).isPositive();
    assertThat(section(state, ".eh_frame").kind()).isEqualTo(SectionKind.UNWIND);
    assertThat(section(state, ".data").byteAlignment()).isGreaterThanOrEqualTo(32);
    RelocatableCode kernel = read("x86-64/kernel-clang-O2-pic.o");
    assertThat(section(kernel, ".eh_frame").kind()).isEqualTo(SectionKind.UNWIND);
    assertThat(section(kernel, ".rodata").kind()).isEqualTo(SectionKind.CONSTANTS);
    assertThat(section(kernel, ".data.rel.ro").kind()).isEqualTo(SectionKind.CONSTANTS);
    RelocatableCode misc = read("x86-64/misc-gcc-O2-pic.o");
    assertThat(misc.sections())
        .extracting(CodeSection::kind)
        .contains(SectionKind.INITIALIZERS, SectionKind.FINALIZERS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64/misc-gcc-O2-pic.o", "aarch64/misc-clang-O2-pic.o"})
  void symbolsHaveTheirBindings(String name) {
    RelocatableCode misc = read(name);
    assertThat(symbol(misc, "all").options().binding()).isEqualTo(SymbolBinding.GLOBAL);
    assertThat(symbol(misc, "all").options().byteSize()).isPositive();
    assertThat(symbol(misc, "weakdef").options().binding()).isEqualTo(SymbolBinding.WEAK);
    assertThat(symbol(misc, "weakfn").kind()).isEqualTo(SymbolKind.UNDEFINED);
    assertThat(symbol(misc, "weakfn").options().binding()).isEqualTo(SymbolBinding.WEAK);
    assertThat(symbol(misc, "hid").options().isHidden()).isTrue();
    assertThat(symbol(misc, "prot").options().isHidden()).isFalse();
    assertThat(symbol(misc, "ifn").options().isIndirect()).isTrue();
    assertThat(symbol(misc, "impl_a").options().binding()).isEqualTo(SymbolBinding.LOCAL);
    assertThat(misc.symbols()).noneMatch(symbol -> symbol.name().startsWith("$"));
  }

  @Test
  void relocationsHaveTheirKinds() {
    assertThat(read("x86-64/kernel-gcc-O2-pic.o").relocations())
        .extracting(Relocation::kind)
        .contains(RelocationKind.RELATIVE_32, RelocationKind.BRANCH_32, RelocationKind.ABSOLUTE_64);
    assertThat(read("x86-64/misc-gcc-O2-pic.o").relocations())
        .extracting(Relocation::kind)
        .contains(RelocationKind.ENTRY_RELATIVE_32);
    assertThat(read("aarch64/kernel-gcc-O2-pic.o").relocations())
        .extracting(Relocation::kind)
        .contains(RelocationKind.AARCH64_ADRP, RelocationKind.AARCH64_CALL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64/tls-gcc-O2-pic.o", "x86-64/tls-clang-O2-pic.o"})
  void threadLocalStorageIsRefusedByName(String name) {
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> read(name))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_SUPPORTED))
        .satisfies(refusal -> assertThat(refusal.symbol()).startsWith("tl"))
        .withMessageContaining("-femulated-tls");
  }

  @Test
  void anObjectForLinkTimeOptimizationIsRefused() {
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> read("x86-64/kernel-clang-O2-lto.o"))
        .withMessageContaining("-flto");
  }

  @Test
  void anArchiveAndATextAreNoObjects() {
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> read("x86-64/libpair.a"))
        .withMessageContaining("archive");
    byte[] text = "int main() {}".repeat(10).getBytes(StandardCharsets.US_ASCII);
    for (byte[] bytes : List.of(text, new byte[0], new byte[] {0x7F, 'E', 'L', 'F'})) {
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> ObjectFile.read(MemorySegment.ofArray(bytes), "text"))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED))
          .satisfies(refusal -> assertThat(refusal.unit()).isEqualTo("text"))
          .withMessage("text: this is no ELF file");
    }
  }

  private static RelocatableCode read(String name) {
    return ObjectFile.read(MemorySegment.ofArray(CompiledObjects.bytes(name)), name);
  }

  private static CodeSection section(RelocatableCode unit, String name) {
    return unit.sections().stream()
        .filter(section -> section.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static CodeSymbol symbol(RelocatableCode unit, String name) {
    return unit.symbols().stream()
        .filter(symbol -> symbol.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
