// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.util.Map;
import java.util.TreeMap;

/// The parts of a region that can be accessed, and a bound on the holes between them: memory in
/// which there would be more than the budget allows keeps its addresses accessible when its pages
/// are given back.
///
/// Thread-safe.
final class AccessibleRuns {
  private final HoleBudget budget;

  /// Where runs start and end. No two of them touch.
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  AccessibleRuns(HoleBudget budget) {
    this.budget = budget;
  }

  /// Tells whether all of a range can be accessed.
  synchronized boolean contains(long start, long byteSize) {
    Map.Entry<Long, Long> run = runs.floorEntry(start);
    return run != null && run.getValue() >= start + byteSize;
  }

  /// Notes that a range can be accessed.
  synchronized void add(long start, long byteSize) {
    long first = start;
    long last = start + byteSize;
    Map.Entry<Long, Long> touching = runs.floorEntry(last);
    while (touching != null && touching.getValue() >= first) {
      first = Math.min(first, touching.getKey());
      last = Math.max(last, touching.getValue());
      drop(touching);
      touching = runs.floorEntry(last);
    }
    put(first, last);
  }

  /// Takes a range away that can be accessed, unless that makes a hole too many.
  ///
  /// @return whether the addresses are to become inaccessible
  synchronized boolean remove(long start, long byteSize) {
    Map.Entry<Long, Long> run = runs.floorEntry(start);
    if (run == null || run.getValue() < start + byteSize) {
      return true;
    }
    long end = start + byteSize;
    boolean cuts = run.getKey() < start && end < run.getValue();
    if (cuts && !budget.tryTake()) {
      return false;
    }
    cutOut(run, start, end);
    // What cuts out has counted the hole too
    budget.add(cuts ? -1 : 0, 0);
    return true;
  }

  /// Removes a range whose access is unknown, whatever holes that
  /// makes.
  synchronized void forget(long start, long byteSize) {
    long end = start + byteSize;
    Map.Entry<Long, Long> touching = runs.lowerEntry(end);
    while (touching != null && touching.getValue() > start) {
      cutOut(touching, start, end);
      touching = runs.lowerEntry(end);
    }
  }

  /// Takes everything away.
  synchronized void clear() {
    runs.forEach((start, end) -> budget.add(0, start - end));
    budget.add(-holes(), 0);
    runs.clear();
  }

  private void cutOut(Map.Entry<Long, Long> run, long start, long end) {
    drop(run);
    if (run.getKey() < start) {
      put(run.getKey(), start);
    }
    if (end < run.getValue()) {
      put(end, run.getValue());
    }
  }

  private void put(long start, long end) {
    int before = holes();
    runs.put(start, end);
    budget.add(holes() - before, end - start);
  }

  private void drop(Map.Entry<Long, Long> run) {
    int before = holes();
    runs.remove(run.getKey());
    budget.add(holes() - before, run.getKey() - run.getValue());
  }

  private int holes() {
    return Math.max(0, runs.size() - 1);
  }
}
