// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How many holes the accessible memory of regions may have together before no more are made by
/// taking memory away. Those that are there stay when memory becomes less, and memory that is
/// committed in the middle of a hole makes two of it.
///
/// A hole costs a process up to four of the mappings it may have (`vm.max_map_count`, 65,530 by
/// default), and a JVM that has used them up ends. So holes are as rare as memory is plenty: with
/// one for each [#BYTES_PER_HOLE], `/proc/self/maps` grows by less than two hundred lines for
/// each GiB.
///
/// Thread-safe.
final class HoleBudget {
  /// What all regions of this process share.
  static final HoleBudget OF_PROCESS = new HoleBudget(8, 1024);

  /// How much accessible memory earns a hole.
  static final long BYTES_PER_HOLE = 32L << 20;

  private final int least;
  private final int most;
  private final AtomicInteger holes = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /// Begins with nothing accessible.
  ///
  /// @param least how many holes there may be in little memory
  /// @param most how many there may be in any
  HoleBudget(int least, int most) {
    this.least = least;
    this.most = most;
  }

  int most() {
    return most;
  }

  /// Takes a hole out of the budget.
  ///
  /// @return false if it is used up
  boolean tryTake() {
    int before = holes.get();
    while (before < Math.min(most, least + bytes.get() / BYTES_PER_HOLE)) {
      if (holes.compareAndSet(before, before + 1)) {
        return true;
      }
      before = holes.get();
    }
    return false;
  }

  /// Notes a change.
  ///
  /// @param holeCount how many holes there are more
  /// @param byteSize how much memory is accessible more
  void add(int holeCount, long byteSize) {
    holes.addAndGet(holeCount);
    bytes.addAndGet(byteSize);
  }

  int holes() {
    return holes.get();
  }
}
