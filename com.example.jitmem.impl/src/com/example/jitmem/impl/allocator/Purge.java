// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.RegionHeap;

/// One search through an allocator for blocks without spans, to give them back: in parts, so that
/// others wait for tens of microseconds only.
///
/// An object serves one search of one thread.
final class Purge {
  /// Blocks that are looked at while others wait for the lock.
  private static final int BLOCKS_AT_ONCE = 64;

  private final SpanCore core;
  private final int before;
  private boolean more;

  /// One part of the search.
  @FunctionalInterface
  private interface Part {
    /// Looks at some blocks of a region, under the lock of the core.
    ///
    /// @param from the first one
    /// @return the block to go on with, [RegionHeap#NONE] if there is none
    int run(Region region, int from, Reclaimer reclaimer);
  }

  /// Prepares a search.
  ///
  /// @param before only what is empty since before this tick of the purger is given back
  Purge(SpanCore core, int before) {
    this.core = core;
    this.before = before;
  }

  /// Searches. Must be called without the lock of the core.
  ///
  /// @return whether there is more to give back later
  boolean run() {
    core.collect();
    // All of it first, so that blocks in a row are given back at once
    inParts((region, from, reclaimer) -> coalesce(region, from));
    inParts(this::giveBack);
    return more || core.writers.hasLeftBehind();
  }

  private void inParts(Part part) {
    for (Region region : core.regions.all()) {
      int block = 0;
      while (block != RegionHeap.NONE) {
        Reclaimer reclaimer = new Reclaimer(core);
        core.lock();
        try {
          block = region.gone ? RegionHeap.NONE : part.run(region, block, reclaimer);
        } finally {
          core.unlock();
        }
        reclaimer.run();
      }
    }
  }

  /// Coalesces what is pending in the first block that is due. A region without spans is given back
  /// as a whole, whatever is pending in it.
  private int coalesce(Region region, int from) {
    RegionHeap memory = region.heap;
    int block = region.held == 0 ? RegionHeap.NONE : memory.nextIdle(from);
    for (int i = 0; i < BLOCKS_AT_ONCE && block != RegionHeap.NONE; i++) {
      if (isDue(region, block)) {
        memory.coalesceBlocks(block, block + 1);
        return block + 1;
      }
      block = memory.nextIdle(block + 1);
    }
    return block;
  }

  /// Gives back the region, or the first blocks in a row that are due.
  private int giveBack(Region region, int from, Reclaimer reclaimer) {
    CommitPolicy policy = region.pool.policy;
    policy.chooseKept();
    if (policy.releaseIfIdle(region, before, reclaimer)) {
      return RegionHeap.NONE;
    }
    int block = region.heap.nextIdle(from);
    for (int i = 0; i < BLOCKS_AT_ONCE && block != RegionHeap.NONE; i++) {
      if (!policy.isKept(region, block)) {
        if (isDue(region, block)) {
          return policy.withdrawRun(region, block, before, reclaimer);
        }
        more = true;
      }
      block = region.heap.nextIdle(block + 1);
    }
    return block;
  }

  private boolean isDue(Region region, int block) {
    return region.heap.idleSince(block) < before;
  }
}
