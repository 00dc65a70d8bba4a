// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.AddressRange;
import com.example.jitmem.impl.os.Os;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Ranges of executable addresses that were written and not yet flushed: a batch, in which ranges
/// that touch are flushed as one and other threads are interrupted once. Costs nothing where the
/// processor needs no flush. For one thread.
final class FlushList {
  private static final Comparator<AddressRange> BY_START =
      Comparator.comparingLong(AddressRange::start);

  private final Os os;
  private final boolean needed;
  private final List<AddressRange> ranges = new ArrayList<>(0);

  FlushList(Os os) {
    this.os = os;
    this.needed = !os.hasCoherentFetch();
  }

  void add(long address, long byteSize) {
    if (needed) {
      append(ranges, new AddressRange(address, address + byteSize));
    }
  }

  /// Flushes all ranges and forgets them.
  void flush() {
    if (ranges.isEmpty()) {
      return;
    }
    ranges.sort(BY_START);
    List<AddressRange> merged = new ArrayList<>(ranges.size());
    ranges.forEach(range -> append(merged, range));
    ranges.clear();
    os.flushInstructionCache(merged);
  }

  /// Adds a range, as one with the last one if they touch.
  private static void append(List<AddressRange> list, AddressRange added) {
    AddressRange last = list.isEmpty() ? null : list.getLast();
    if (last != null && last.start() <= added.end() && added.start() <= last.end()) {
      long start = Math.min(last.start(), added.start());
      list.set(list.size() - 1, new AddressRange(start, Math.max(last.end(), added.end())));
    } else {
      list.add(added);
    }
  }
}
