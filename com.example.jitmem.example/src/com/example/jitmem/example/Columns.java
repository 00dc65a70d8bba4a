// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The columns a formula uses, in memory that machine code can read.
///
/// @param values one segment of `rowCount` doubles per column, in the order of [Formula#columns()]
/// @param rowCount the number of rows
/// @param addresses the addresses of the columns, one after the other
record Columns(List<MemorySegment> values, long rowCount, MemorySegment addresses) {
  /// Puts columns together.
  ///
  /// @param arena the arena that all values are in; it gets the table of addresses too
  /// @throws IllegalArgumentException if a column is on the heap or is too short
  static Columns of(List<MemorySegment> values, long rowCount, Arena arena) {
    MemorySegment addresses = arena.allocate(ADDRESS, values.size());
    for (int i = 0; i < values.size(); i++) {
      MemorySegment column = values.get(i);
      if (!column.isNative() || column.byteSize() < rowCount * JAVA_DOUBLE.byteSize()) {
        throw new IllegalArgumentException("Column " + i + " has no " + rowCount + " native rows");
      }
      addresses.setAtIndex(ADDRESS, i, column);
    }
    return new Columns(List.copyOf(values), rowCount, addresses);
  }

  double value(int column, long row) {
    return values.get(column).getAtIndex(JAVA_DOUBLE, row);
  }
}
