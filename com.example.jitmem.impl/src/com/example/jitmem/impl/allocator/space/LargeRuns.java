// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The search among free runs of 8,192 granules and more. At most one of them starts in each 8,192
/// granules, so that a set of numbers per size class says where they are.
final class LargeRuns {
  private final BoundaryTags tags;
  private final int[] starts;
  private int count;
  private final @Nullable HierarchicalBitmap[] unitsByClass =
      new @Nullable HierarchicalBitmap[SizeClasses.COUNT - SizeClasses.SMALL];

  LargeRuns(BoundaryTags tags) {
    this.tags = tags;
    starts = new int[(tags.capacity() >>> SizeClasses.LARGE_LOG) + 1];
  }

  void add(int start, int sizeClass) {
    HierarchicalBitmap units = unitsByClass[sizeClass - SizeClasses.SMALL];
    if (units == null) {
      units = new HierarchicalBitmap(starts.length);
      unitsByClass[sizeClass - SizeClasses.SMALL] = units;
    }
    units.set(start >>> SizeClasses.LARGE_LOG);
    count++;
    starts[start >>> SizeClasses.LARGE_LOG] = start;
  }

  void remove(int start, int sizeClass) {
    HierarchicalBitmap units = unitsByClass[sizeClass - SizeClasses.SMALL];
    if (units != null) {
      units.clear(start >>> SizeClasses.LARGE_LOG);
      count--;
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// Looks for a run with room for aligned granules: a few runs of the classes that may fit, the
  /// first one of those that do.
  ///
  /// @return the first granule, [BoundaryTags#NONE] if none was found
  int find(int granules, int alignment) {
    return count == 0 ? NONE : findAmong(granules, alignment);
  }

  private int findAmong(int granules, int alignment) {
    int surely = SizeClasses.atLeast(granules + alignment - 1);
    for (int c = Math.max(SizeClasses.SMALL, SizeClasses.of(granules));
        c < SizeClasses.COUNT;
        c++) {
      HierarchicalBitmap units = unitsByClass[c - SizeClasses.SMALL];
      if (units == null) {
        continue;
      }
      int unit = units.next(0);
      int probes = c < surely ? SegregatedFits.PROBES : 1;
      for (int probe = 0; probe < probes && unit != NONE; probe++) {
        int start = (starts[unit] + alignment - 1) & -alignment;
        if (start + granules <= tags.endOf(starts[unit])) {
          return start;
        }
        unit = units.next(unit + 1);
      }
    }
    return NONE;
  }

  /// Forgets all runs.
  void clear() {
    Arrays.fill(unitsByClass, null);
    count = 0;
  }

  /// Tells whether a run is listed.
  boolean contains(int start, int sizeClass) {
    HierarchicalBitmap units = unitsByClass[sizeClass - SizeClasses.SMALL];
    int unit = start >>> SizeClasses.LARGE_LOG;
    return units != null && units.get(unit) && starts[unit] == start;
  }

  /// How many runs are listed.
  int countAll() {
    int listed = 0;
    for (HierarchicalBitmap units : unitsByClass) {
      if (units != null) {
        for (int u = units.next(0); u != NONE; u = units.next(u + 1)) {
          listed++;
        }
      }
    }
    Invariant.requireEqual("large free runs", count, listed);
    return listed;
  }

  long metadataBytes() {
    long sum = (long) starts.length * Integer.BYTES;
    for (HierarchicalBitmap units : unitsByClass) {
      if (units != null) {
        sum += units.metadataBytes();
      }
    }
    return sum;
  }
}
