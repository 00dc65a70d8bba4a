// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The parts of a region that can be accessed, and a bound on the holes between them.
///
/// Every hole costs a process up to four of the mappings it may have (`vm.max_map_count`, 65,530 by
/// default), and a JVM that has used them up ends. So all regions of a process share a budget of
/// accessible runs; memory that would be cut into more runs keeps its addresses accessible when its
/// pages are given back.
///
/// Thread-safe.
final class AccessibleRuns {
  /// The runs that all regions of this process may have together before no more holes are made.
  static final int BUDGET = 1024;

  private static final AtomicInteger RUNS_OF_PROCESS = new AtomicInteger();

  private final AtomicInteger total;
  private final int budget;

  /// Where runs start and end. No two of them touch.
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  AccessibleRuns() {
    this(RUNS_OF_PROCESS, BUDGET);
  }

  AccessibleRuns(AtomicInteger total, int budget) {
    this.total = total;
    this.budget = budget;
  }

  /// Tells whether all of a range can be accessed.
  synchronized boolean contains(long start, long byteSize) {
    Map.Entry<Long, Long> run = runs.floorEntry(start);
    return run != null && run.getValue() >= start + byteSize;
  }

  /// Notes that a range can be accessed.
  synchronized void add(long start, long byteSize) {
    int before = runs.size();
    long first = start;
    long last = start + byteSize;
    Map.Entry<Long, Long> touching = runs.floorEntry(last);
    while (touching != null && touching.getValue() >= first) {
      first = Math.min(first, touching.getKey());
      last = Math.max(last, touching.getValue());
      runs.remove(touching.getKey());
      touching = runs.floorEntry(last);
    }
    runs.put(first, last);
    total.addAndGet(runs.size() - before);
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
    if (cuts && total.get() >= budget) {
      return false;
    }
    int before = runs.size();
    runs.remove(run.getKey());
    if (run.getKey() < start) {
      runs.put(run.getKey(), start);
    }
    if (end < run.getValue()) {
      runs.put(end, run.getValue());
    }
    total.addAndGet(runs.size() - before);
    return true;
  }

  /// Takes a range away of which nobody knows any more what can be accessed, whatever holes that
  /// makes.
  synchronized void forget(long start, long byteSize) {
    int before = runs.size();
    long end = start + byteSize;
    Map.Entry<Long, Long> touching = runs.lowerEntry(end);
    while (touching != null && touching.getValue() > start) {
      runs.remove(touching.getKey());
      if (touching.getKey() < start) {
        runs.put(touching.getKey(), start);
      }
      if (touching.getValue() > end) {
        runs.put(end, touching.getValue());
      }
      touching = runs.lowerEntry(end);
    }
    total.addAndGet(runs.size() - before);
  }

  /// Takes everything away.
  synchronized void clear() {
    total.addAndGet(-runs.size());
    runs.clear();
  }
}
