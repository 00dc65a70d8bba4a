// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import java.util.BitSet;

/// A view of a section, in a reservation. Windows unmaps views as a whole only, so parts that were
/// decommitted stay mapped without access until nothing of the view is in use.
final class View {
  /// The first address.
  final long start;

  /// The first address after it.
  final long end;

  /// What it is a view of.
  final Section section;

  /// Where the view begins in the shared memory.
  final long offset;

  /// The protection of the parts in use.
  final int protection;

  private final long pageSize;
  private final BitSet vacant = new BitSet();

  View(long start, long end, Section section, long offset, int protection, long pageSize) {
    this.start = start;
    this.end = end;
    this.section = section;
    this.offset = offset;
    this.protection = protection;
    this.pageSize = pageSize;
  }

  /// Whether nothing of the view is in use.
  boolean isVacant() {
    return vacant.nextClearBit(0) >= page(end);
  }

  /// Notes whether a part is in use.
  void setVacant(long from, long to, boolean value) {
    vacant.set(page(from), page(to), value);
  }

  private int page(long address) {
    return Math.toIntExact((address - start) / pageSize);
  }
}
