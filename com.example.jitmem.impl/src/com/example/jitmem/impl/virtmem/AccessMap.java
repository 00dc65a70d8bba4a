// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// Which access each part of a mapping has. Not thread-safe.
final class AccessMap {
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

  boolean allows(long start, long end, MemoryAccess access) {
    return changes.subMap(changes.floorKey(start), true, end, false).values().stream()
        .allMatch(allowed -> allowed.contains(access));
  }
}
