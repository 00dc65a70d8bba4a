// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// What a relocation computes from addresses.
enum Formula {
  /// The address.
  ADDRESS,
  /// The address minus the place.
  RELATIVE,
  /// The address minus the place, or the stub's where that is out of reach.
  BRANCH,
  /// The page of the address minus that of the place.
  PAGE_RELATIVE,
  /// The size of the symbol.
  SIZE,
  /// The address of the symbol's entry in the table minus the place.
  ENTRY_RELATIVE,
  /// The address of the symbol's entry in the table.
  ENTRY_ADDRESS,
  /// The page of the symbol's entry in the table minus that of the place.
  ENTRY_PAGE_RELATIVE,
  /// The offset of the symbol's entry in the table.
  ENTRY_OFFSET,
  /// The address of the symbol's entry in the table minus the page of the table.
  ENTRY_PAGE_OFFSET,
  /// The address of the table minus the place.
  TABLE_RELATIVE,
  /// The address minus that of the table.
  TABLE_OFFSET;

  /// The pages of `ADRP`, whatever the size of the system's pages is.
  static final long PAGE_MASK = ~0xFFFL;

  /// Whether an addend is added to an offset or distance of an entry; entries of their own for
  /// other addends do not exist.
  boolean refusesAddend() {
    return this == ENTRY_ADDRESS || this == ENTRY_PAGE_RELATIVE || this == ENTRY_PAGE_OFFSET;
  }

  /// Computes the value.
  ///
  /// @param address the address of the symbol
  /// @param addend the addend
  /// @param place the address of the field
  /// @param entry the address of the symbol's entry in the table
  /// @param table the address of the table
  long value(long address, long addend, long place, long entry, long table) {
    return switch (this) {
      case ADDRESS, SIZE -> address + addend;
      case RELATIVE, BRANCH -> address + addend - place;
      case PAGE_RELATIVE -> (address + addend & PAGE_MASK) - (place & PAGE_MASK);
      case ENTRY_RELATIVE -> entry + addend - place;
      case ENTRY_ADDRESS -> entry;
      case ENTRY_PAGE_RELATIVE -> (entry & PAGE_MASK) - (place & PAGE_MASK);
      case ENTRY_OFFSET -> entry - table + addend;
      case ENTRY_PAGE_OFFSET -> entry - (table & PAGE_MASK);
      case TABLE_RELATIVE -> table + addend - place;
      case TABLE_OFFSET -> address + addend - table;
    };
  }
}
