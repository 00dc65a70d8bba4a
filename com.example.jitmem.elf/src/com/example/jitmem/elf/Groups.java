// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import org.jspecify.annotations.Nullable;

/// The COMDAT groups of an object file: the first group of a signature is kept in a link.
final class Groups {
  private static final int COMDAT = 1;
  private static final int WORD = 4;

  private final Input input;
  private final SectionTable table;
  private final @Nullable String[] signatures;

  Groups(Input input, SectionTable table, SymbolTable symbols) {
    this.input = input;
    this.table = table;
    this.signatures = new String[table.count()];
    for (int section = 1; section < table.count(); section++) {
      if (table.type(section) == SectionTable.GROUP) {
        read(section, symbols);
      }
    }
  }

  /// The signature of the group of a section, empty if it is in none.
  String signature(int section) {
    String signature = signatures[section];
    return signature == null ? "" : signature;
  }

  private void read(int group, SymbolTable symbols) {
    long words = table.entries(group, WORD, "a group");
    long start = table.offset(group);
    if (words == 0 || (input.int32(start) & COMDAT) == 0) {
      return;
    }
    long symbol = Integer.toUnsignedLong(table.info(group));
    if (table.link(group) != symbols.section() || symbol >= symbols.count()) {
      throw input.malformed("a group has no signature");
    }
    String signature = signature(symbols, symbol);
    for (long word = 1; word < words; word++) {
      long member = input.unsigned32(start + word * WORD);
      if (member == 0 || member >= table.count() || signatures[(int) member] != null) {
        throw input.malformed("group %s has no section %d".formatted(signature, member));
      }
      signatures[(int) member] = signature;
    }
  }

  /// Older assemblers sign a group with the symbol of a section, which has no name of its own.
  private String signature(SymbolTable symbols, long symbol) {
    String name = symbols.name(symbol);
    if (name.isEmpty() && symbols.sectionOf(symbol) < table.count()) {
      name = table.name((int) symbols.sectionOf(symbol));
    }
    if (name.isEmpty()) {
      throw input.malformed("a group has a signature without a name");
    }
    return name;
  }
}
