// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

/// The symbols of an object file as they are written in it.
final class SymbolTable {
  static final int LOCAL = 0;
  static final int GLOBAL = 1;
  static final int WEAK = 2;
  static final int GNU_UNIQUE = 10;

  static final int SECTION = 3;
  static final int FILE = 4;
  static final int TLS = 6;
  static final int GNU_IFUNC = 10;

  static final int INTERNAL = 1;
  static final int HIDDEN = 2;

  static final int UNDEFINED = 0;

  /// What stands in place of a section; such numbers are below those of no section.
  static final long ABSOLUTE = (1L << 32) + 0xFFF1;
  static final long COMMON = (1L << 32) + 0xFFF2;
  static final long LARGE_COMMON = (1L << 32) + 0xFF02;

  private static final int FIRST_RESERVED = 0xFF00;
  private static final int XINDEX = 0xFFFF;
  private static final int ENTRY_BYTES = 24;
  private static final int WORD = 4;

  private final Input input;
  private final SectionTable table;
  private final int section;
  private final long count;
  private final int strings;

  /// The section with the indices that do not fit into 16 bits, 0 if there is none.
  private final int extended;

  SymbolTable(Input input, SectionTable table) {
    this.input = input;
    this.table = table;
    this.section = only(SectionTable.SYMTAB);
    if (section == 0) {
      this.count = 0;
      this.strings = 0;
      this.extended = 0;
      return;
    }
    this.count = table.entries(section, ENTRY_BYTES, "the table of symbols");
    this.strings = table.link(section);
    if (strings <= 0 || strings >= table.count() || table.type(strings) != SectionTable.STRTAB) {
      throw input.malformed("names of symbols are not in a table of strings");
    }
    this.extended = only(SectionTable.SYMTAB_SHNDX);
    if (extended != 0 && table.byteSize(extended) != count * WORD) {
      throw input.malformed("the table of extended indices has not one for each symbol");
    }
  }

  private int only(int type) {
    int found = 0;
    for (int candidate = 1; candidate < table.count(); candidate++) {
      if (table.type(candidate) == type) {
        if (found != 0) {
          throw input.malformed("there are two tables of symbols");
        }
        found = candidate;
      }
    }
    return found;
  }

  /// The section that holds the table, 0 if there is none.
  int section() {
    return section;
  }

  long count() {
    return count;
  }

  String name(long symbol) {
    return table.string(strings, input.unsigned32(entry(symbol)));
  }

  int type(long symbol) {
    return input.int8(entry(symbol) + 4) & 0xF;
  }

  int binding(long symbol) {
    return input.int8(entry(symbol) + 4) >> 4;
  }

  int visibility(long symbol) {
    return input.int8(entry(symbol) + 5) & 3;
  }

  /// The number of the section in which a symbol lies, or what stands in its place.
  long sectionOf(long symbol) {
    int index = input.int16(entry(symbol) + 6);
    if (index == XINDEX) {
      if (extended == 0) {
        throw input.malformed("there is no table of extended indices");
      }
      return input.unsigned32(table.offset(extended) + symbol * WORD);
    }
    return index < FIRST_RESERVED ? index : (1L << 32) + index;
  }

  long value(long symbol) {
    return input.int64(entry(symbol) + 8);
  }

  long byteSize(long symbol) {
    return input.int64(entry(symbol) + 16);
  }

  private long entry(long symbol) {
    return table.offset(section) + symbol * ENTRY_BYTES;
  }
}
