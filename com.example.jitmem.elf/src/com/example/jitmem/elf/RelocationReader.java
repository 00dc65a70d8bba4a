// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import org.jspecify.annotations.Nullable;

/// Adds the relocations of the sections that are loaded.
final class RelocationReader {
  private static final int ENTRY_BYTES = 24;

  private final Input input;
  private final SectionTable table;
  private final SymbolTable symbolTable;
  private final SectionReader sections;
  private final SymbolReader symbols;

  RelocationReader(
      Input input,
      SectionTable table,
      SymbolTable symbolTable,
      SectionReader sections,
      SymbolReader symbols) {
    this.input = input;
    this.table = table;
    this.symbolTable = symbolTable;
    this.sections = sections;
    this.symbols = symbols;
  }

  /// Adds all relocations.
  void read(RelocatableCode.Builder builder) {
    for (int section = 1; section < table.count(); section++) {
      int type = table.type(section);
      if (type == SectionTable.RELA || type == SectionTable.REL || type == SectionTable.CREL) {
        CodeSection target = sections.get(Integer.toUnsignedLong(table.info(section)));
        if (target != null) {
          read(builder, section, target);
        }
      }
    }
  }

  private void read(RelocatableCode.Builder builder, int section, CodeSection target) {
    if (table.type(section) != SectionTable.RELA) {
      throw error(
          Reason.NOT_SUPPORTED,
          target,
          "relocations of section %s are in a table %s, not RELA"
              .formatted(target, table.type(section) == SectionTable.REL ? "REL" : "CREL"));
    }
    if (table.link(section) != symbolTable.section()) {
      throw malformed(target, "relocations of section %s have no symbols".formatted(target));
    }
    long count = table.entries(section, ENTRY_BYTES, "a table of relocations");
    if (count > 0 && target.kind() == SectionKind.ZEROS) {
      throw malformed(target, "section %s has relocations and no bytes".formatted(target));
    }
    for (long i = 0; i < count; i++) {
      read(builder, target, table.offset(section) + i * ENTRY_BYTES);
    }
  }

  private void read(RelocatableCode.Builder builder, CodeSection target, long entry) {
    long offset = input.int64(entry);
    int type = input.int32(entry + 8);
    long symbol = input.unsigned32(entry + 12);
    if (RelocationNumbers.isNone(type)) {
      return;
    }
    RelocationKind kind = kind(target, offset, type);
    if (offset < 0 || offset > target.byteSize() - kind.byteSize()) {
      throw malformed(target, "a relocation is outside section %s".formatted(target));
    }
    if (symbol >= symbolTable.count()) {
      throw malformed(target, "a relocation of section %s has no symbol".formatted(target));
    }
    CodeSymbol named = symbols.get(builder, (int) symbol);
    if (named == null) {
      throw malformed(
          target,
          "section %s, offset 0x%x: the relocation names what is not loaded"
              .formatted(target, offset));
    }
    builder.relocate(target, offset, kind, named, input.int64(entry + 16));
  }

  private RelocationKind kind(CodeSection target, long offset, int type) {
    Architecture architecture = table.architecture();
    @Nullable RelocationKind kind = RelocationNumbers.kind(architecture, type);
    if (kind == null) {
      throw error(
          Reason.NOT_SUPPORTED,
          target,
          "section %s, offset 0x%x: relocation %s of %s%s"
              .formatted(
                  target,
                  offset,
                  Integer.toUnsignedString(type),
                  architecture,
                  RelocationNumbers.isThreadLocal(architecture, type)
                      ? " is for thread-local storage; compile with -femulated-tls"
                      : " is not known"));
    }
    return kind;
  }

  private LinkException malformed(CodeSection section, String problem) {
    return error(Reason.MALFORMED, section, problem);
  }

  private LinkException error(Reason reason, CodeSection section, String problem) {
    return input.error(reason, section.name(), "", problem);
  }
}
