// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// The access to each part of a mapping. Not thread-safe.
final class AccessMap {
  /// A range with the same access everywhere.
  record Part(long start, long end, Set<MemoryAccess> access) {}

  /// The access from each offset up to the next one.
  private final NavigableMap<Long, Set<MemoryAccess>> changes = new TreeMap<>();

  AccessMap(Set<MemoryAccess> access) {
    changes.put(0L, Set.copyOf(access));
  }

  void set(long start, long end, Set<MemoryAccess> access) {
    Set<MemoryAccess> after = changes.floorEntry(end).getValue();
    changes.subMap(start, true, end, true).clear();
    changes.put(start, Set.copyOf(access));
    changes.put(end, after);
  }

  /// The parts of a range, in order.
  List<Part> parts(long start, long end) {
    List<Part> parts = new ArrayList<>();
    long from = start;
    while (from < end) {
      Long next = changes.higherKey(from);
      long to = next == null ? end : Math.min(next, end);
      parts.add(new Part(from, to, changes.floorEntry(from).getValue()));
      from = to;
    }
    return parts;
  }

  boolean allows(long start, long end, MemoryAccess access) {
    return changes.subMap(changes.floorKey(start), true, end, false).values().stream()
        .allMatch(allowed -> allowed.contains(access));
  }
}
