// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/// All mapped memory, by address. Thread-safe.
final class MappedViews {
  private final NavigableMap<Long, MappedView> byAddress = new ConcurrentSkipListMap<>();

  void add(MappedView view) {
    byAddress.put(view.address(), view);
  }

  /// Forgets memory that is about to be unmapped. This comes first, so that memory which is mapped
  /// at the same address afterwards is not forgotten.
  void remove(MappedView view) {
    byAddress.remove(view.address(), view);
  }

  /// Finds the mapping that contains a segment.
  Optional<MappedView> find(MemorySegment segment) {
    return Optional.ofNullable(byAddress.floorEntry(segment.address()))
        .map(Map.Entry::getValue)
        .filter(view -> view.contains(segment));
  }
}
