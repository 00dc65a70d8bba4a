// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/// Reads an object file of ELF64, as `gcc -c` writes it, for x86-64 or AArch64.
///
/// The methods are thread-safe and keep nothing of their input. They throw [NullPointerException]
/// if an argument is null.
public final class ObjectFile {
  private ObjectFile() {}

  /// Reads an object file.
  ///
  /// @param file the file
  /// @return its code, named as the path
  /// @throws IOException if the file cannot be read
  /// @throws LinkException if the file is malformed or asks for what cannot be done
  public static RelocatableCode read(Path file) throws IOException {
    return read(Input.of(file));
  }

  /// Reads an object file that is in memory.
  ///
  /// @param bytes the file, on or off the heap. Its bytes must not change during the call.
  /// @param name what the unit is called in messages
  /// @return its code
  /// @throws LinkException if the file is malformed or asks for what cannot be done
  public static RelocatableCode read(MemorySegment bytes, String name) {
    return read(new Input(bytes, Objects.requireNonNull(name)));
  }

  static RelocatableCode read(Input input) {
    SectionTable table = new SectionTable(input);
    SymbolTable symbolTable = new SymbolTable(input, table);
    RelocatableCode.Builder builder =
        RelocatableCode.builder(table.architecture()).name(input.name());
    SymbolReader symbols = new SymbolReader(input, table, symbolTable);
    symbols.checkThreadLocals();
    SectionReader sections = new SectionReader(input, table, new Groups(input, table, symbolTable));
    sections.read(builder);
    symbols.read(builder, sections);
    new RelocationReader(input, table, symbolTable, sections, symbols).read(builder);
    return builder.build();
  }
}
