// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How many accessible runs regions may have together before no more holes are cut into them.
///
/// A hole costs a process up to four of the mappings it may have (`vm.max_map_count`, 65,530 by
/// default), and a JVM that has used them up ends. So holes are as rare as memory is plenty: with
/// one for each [#BYTES_PER_RUN], `/proc/self/maps` grows by less than three hundred lines for each
/// GiB.
///
/// Thread-safe.
final class RunBudget {
  /// What all regions of this process share.
  static final RunBudget OF_PROCESS = new RunBudget(16, 1024);

  /// How much accessible memory earns a run.
  static final long BYTES_PER_RUN = 16L << 20;

  private final int least;
  private final int most;
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /// Begins with nothing accessible.
  ///
  /// @param least how many runs there may be in little memory
  /// @param most how many there may be in any
  RunBudget(int least, int most) {
    this.least = least;
    this.most = most;
  }

  int most() {
    return most;
  }

  void add(long byteSize) {
    runs.incrementAndGet();
    bytes.addAndGet(byteSize);
  }

  void remove(long byteSize) {
    runs.decrementAndGet();
    bytes.addAndGet(-byteSize);
  }

  int runs() {
    return runs.get();
  }

  /// Tells whether no more holes are to be made.
  boolean isUsedUp() {
    return runs.get() >= Math.min(most, least + bytes.get() / BYTES_PER_RUN);
  }
}
