// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.SectionKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `ld` of binutils, which links an object at addresses that a plan has chosen.
final class SystemLinker {
  private static final int HEADER_BYTES = 64;
  private static final int NOBITS = 8;
  private static final long ALLOC = 2;

  /// Sections whose equal strings a linker may merge. Then offsets differ, so they are kept apart.
  private static final long MERGE_AND_STRINGS = 0x30;

  /// Where `ld` puts what it needs for indirect functions.
  private static final long INDIRECT = 0x1300_0000L;

  private SystemLinker() {}

  /// The linker for an instruction set, empty if it is not installed.
  static Optional<Path> find(Architecture architecture) {
    String name = architecture == Architecture.X86_64 ? "x86_64" : "aarch64";
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, name + "-linux-gnu-ld"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Links an object and returns what lies at each address where a section begins.
  ///
  /// @param sections where each section lies
  /// @param table where the address table lies
  /// @param symbols the addresses of what is not defined
  static Map<Long, byte[]> link(
      Path linker,
      byte[] object,
      Map<PlacedSection, Long> sections,
      long table,
      Map<String, Long> symbols,
      Path folder)
      throws IOException, InterruptedException {
    Path input = Files.write(folder.resolve("input.o"), withoutMerging(object));
    Path script = Files.writeString(folder.resolve("script.ld"), script(sections, table));
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>(List.of(linker.toString(), "-static", "--no-relax"));
    command.addAll(List.of("--build-id=none", "-z", "noexecstack", "-e", "0"));
    symbols.forEach((name, address) -> command.add("--defsym=%s=%d".formatted(name, address)));
    command.addAll(List.of("-T", script.toString(), "-o", output.toString(), input.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile()).start();
    String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(messages).isZero();
    return contents(ByteBuffer.wrap(Files.readAllBytes(output)).order(LITTLE_ENDIAN));
  }

  private static String script(Map<PlacedSection, Long> sections, long table) {
    StringBuilder script = new StringBuilder("SECTIONS {\n");
    int number = 0;
    for (Map.Entry<PlacedSection, Long> entry : new TreeMap<>(byAddress(sections)).values()) {
      String name = entry.getKey().section.name();
      String type = entry.getKey().section.kind() == SectionKind.ZEROS ? "(NOLOAD)" : "";
      script.append(
          "  .out%d %d %s : { KEEP(*(%s)) }\n".formatted(number++, entry.getValue(), type, name));
    }
    return script
        .append("  .got %d : { *(.got) *(.got.plt) }\n".formatted(table))
        .append("  .iplt %d : { *(.plt) *(.iplt) }\n".formatted(INDIRECT))
        .append("  .igot : { *(.igot) *(.igot.plt) }\n  .rela : { *(.rela.*) }\n")
        .append("  /DISCARD/ : { *(.comment) *(.note*) }\n}\n")
        .toString();
  }

  private static Map<Long, Map.Entry<PlacedSection, Long>> byAddress(
      Map<PlacedSection, Long> sections) {
    Map<Long, Map.Entry<PlacedSection, Long>> ordered = new TreeMap<>();
    for (Map.Entry<PlacedSection, Long> entry : sections.entrySet()) {
      if (entry.getKey().section.byteSize() > 0) {
        ordered.put(entry.getValue(), entry);
      }
    }
    return ordered;
  }

  private static byte[] withoutMerging(byte[] object) {
    ByteBuffer bytes = ByteBuffer.wrap(object.clone()).order(LITTLE_ENDIAN);
    int headers = (int) bytes.getLong(0x28);
    for (int section = 0; section < bytes.getShort(0x3C); section++) {
      int flags = headers + section * HEADER_BYTES + 8;
      bytes.putLong(flags, bytes.getLong(flags) & ~MERGE_AND_STRINGS);
    }
    return bytes.array();
  }

  private static Map<Long, byte[]> contents(ByteBuffer file) {
    Map<Long, byte[]> contents = new TreeMap<>();
    int headers = (int) file.getLong(0x28);
    for (int section = 0; section < file.getShort(0x3C); section++) {
      int header = headers + section * HEADER_BYTES;
      if ((file.getLong(header + 8) & ALLOC) != 0 && file.getInt(header + 4) != NOBITS) {
        byte[] bytes = new byte[(int) file.getLong(header + 0x20)];
        file.get((int) file.getLong(header + 0x18), bytes);
        contents.put(file.getLong(header + 0x10), bytes);
      }
    }
    return contents;
  }
}
