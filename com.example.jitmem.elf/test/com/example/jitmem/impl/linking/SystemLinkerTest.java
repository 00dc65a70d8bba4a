// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import com.example.jitmem.elf.CompiledObjects;
import com.example.jitmem.elf.ObjectFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The bytes of a linked object, compared with those of `ld` at the same addresses. They may differ
/// in the order of the address table and in indirect functions, which `ld` resolves otherwise.
class SystemLinkerTest {
  private static final long CODE = 0x1000_0000L;
  private static final long DATA = 0x1100_0000L;
  private static final long EXTERNALS = 0x1200_0000L;

  private final Map<String, Long> externals = new HashMap<>();

  static Stream<String> objects() {
    return Stream.of("x86-64", "aarch64")
        .flatMap(folder -> CompiledObjects.loadable(folder).stream());
  }

  @ParameterizedTest
  @MethodSource("objects")
  void theBytesAreThoseOfLd(String name, @TempDir Path folder) throws Exception {
    byte[] object = CompiledObjects.bytes(name);
    RelocatableCode unit = ObjectFile.read(MemorySegment.ofArray(object), name);
    Path linker = linker(unit.architecture());
    defineExternals(unit);
    LinkPlan plan = LinkPlan.of(List.of(unit), 1L << 30, this::external);
    byte[] code = new byte[(int) plan.codeByteSize()];
    byte[] data = new byte[(int) plan.initializedByteSize()];
    plan.relocate(MemorySegment.ofArray(code), CODE, MemorySegment.ofArray(data), DATA);

    Map<PlacedSection, Long> places = places(plan);
    Map<Long, byte[]> expected =
        SystemLinker.link(linker, object, places, CODE + plan.tableOffset(), externals, folder);
    int compared = 0;
    for (Map.Entry<PlacedSection, Long> place : places.entrySet()) {
      PlacedSection section = place.getKey();
      if (section.section.bytes().byteSize() > 0) {
        byte[] area = section.area == Area.DATA ? data : code;
        byte[] ours = slice(area, section.offset, section.section.byteSize());
        byte[] theirs = Objects.requireNonNull(expected.get(place.getValue()), "section");
        hideDifferences(unit, section, ours, theirs, code, expected, plan);
        assertThat(ours).as(section.section.name()).isEqualTo(theirs);
        compared += ours.length;
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static Path linker(Architecture architecture) {
    assumeTrue(
        SystemLinker.find(architecture).isPresent(),
        () -> "no ld for " + architecture + " is installed (Debian: binutils)");
    return SystemLinker.find(architecture).orElseThrow();
  }

  private OptionalLong external(String name) {
    Long address = externals.get(name);
    return address == null ? OptionalLong.empty() : OptionalLong.of(address);
  }

  private void defineExternals(RelocatableCode unit) {
    for (CodeSymbol symbol : unit.symbols()) {
      if (symbol.kind() == SymbolKind.UNDEFINED
          && symbol.options().binding() == SymbolBinding.GLOBAL
          && !symbol.name().equals("_GLOBAL_OFFSET_TABLE_")) {
        externals.put(symbol.name(), EXTERNALS + 64L * externals.size());
      }
    }
  }

  private static Map<PlacedSection, Long> places(LinkPlan plan) {
    Map<PlacedSection, Long> places = new LinkedHashMap<>();
    for (PlacedSection section : plan.sections()) {
      places.put(section, (section.area == Area.DATA ? DATA : CODE) + section.offset);
    }
    return places;
  }

  /// Makes fields equal that mean the same: entries of the table are compared by what they hold,
  /// and references to indirect functions are not compared.
  private static void hideDifferences(
      RelocatableCode unit,
      PlacedSection section,
      byte[] ours,
      byte[] theirs,
      byte[] code,
      Map<Long, byte[]> expected,
      LinkPlan plan) {
    for (Relocation relocation : unit.relocations()) {
      int at = (int) relocation.offset();
      int size = relocation.kind().byteSize();
      if (relocation.section() != section.section) {
        continue;
      }
      if (relocation.symbol().options().isIndirect()) {
        System.arraycopy(ours, at, theirs, at, size);
      } else if (isWeakUndefined(relocation.symbol()) && isX86Entry(relocation)) {
        // ld loads the constant 0 instead, by another instruction
        System.arraycopy(ours, at - 3, theirs, at - 3, size + 3);
      } else if (relocation.kind().name().contains("ENTRY")) {
        if (isX86Entry(relocation)) {
          long place = CODE + section.offset + at - relocation.addend();
          assertThat(quad(code, place + word(ours, at) - CODE))
              .as("entry of %s", relocation.symbol())
              .isEqualTo(table(expected, plan, place + word(theirs, at)));
        }
        System.arraycopy(ours, at, theirs, at, size);
      }
    }
  }

  private static boolean isWeakUndefined(CodeSymbol symbol) {
    return symbol.kind() == SymbolKind.UNDEFINED
        && symbol.options().binding() == SymbolBinding.WEAK;
  }

  private static boolean isX86Entry(Relocation relocation) {
    return relocation.kind() == RelocationKind.ENTRY_RELATIVE_32;
  }

  private static int word(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN).getInt(offset);
  }

  private static long table(Map<Long, byte[]> expected, LinkPlan plan, long address) {
    long table = CODE + plan.tableOffset();
    return quad(Objects.requireNonNull(expected.get(table), "table"), address - table);
  }

  private static long quad(byte[] bytes, long offset) {
    return ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN).getLong((int) offset);
  }

  private static byte[] slice(byte[] bytes, long offset, long byteSize) {
    byte[] slice = new byte[(int) byteSize];
    System.arraycopy(bytes, (int) offset, slice, 0, slice.length);
    return slice;
  }
}
