// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.Decommitter.KeptBlock;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import org.jspecify.annotations.Nullable;

/// One search through an allocator for blocks without spans, to decommit them: in parts, so that
/// others wait for tens of microseconds only.
///
/// An object serves one search of one thread.
final class Purge {
  /// How many blocks are visited while others wait for the lock.
  private static final int BLOCKS_AT_ONCE = 64;

  private final SpanCore core;
  private final int before;
  private boolean more;

  /// One part of the search.
  @FunctionalInterface
  private interface Part {
    /// Visits some blocks of a region, under the lock of the core.
    ///
    /// @param from the first one
    /// @return the block to go on with, [RegionHeap#NONE] if there is none
    int run(Region region, int from, DeferredWork work);
  }

  /// Prepares a search.
  ///
  /// @param before only what is empty since before this tick is decommitted
  Purge(SpanCore core, int before) {
    this.core = core;
    this.before = before;
  }

  /// Searches. Must be called without the lock of the core.
  ///
  /// @return whether there is more to decommit later
  boolean run() {
    core.guards.settle();
    Reclaimer.collectWritten(core);
    // All of it first, so that blocks in a row are decommitted at once
    inParts((region, from, work) -> coalesce(region, from));
    inParts(this::decommit);
    return more || core.writers.hasLeftBehind() || core.guards.isAwaited();
  }

  private void inParts(Part part) {
    for (Region region : core.regions.all()) {
      int block = 0;
      while (block != RegionHeap.NONE) {
        int from = block;
        block =
            Reclaimer.call(
                core, work -> region.isUnlinked() ? RegionHeap.NONE : part.run(region, from, work));
      }
    }
  }

  /// Coalesces what is pending in the first block that is due. A region without spans is unreserved
  /// as a whole, whatever is pending in it.
  private int coalesce(Region region, int from) {
    RegionHeap heap = region.heap();
    int block = region.held() == 0 ? RegionHeap.NONE : heap.nextIdle(from);
    for (int i = 0; i < BLOCKS_AT_ONCE && block != RegionHeap.NONE; i++) {
      if (heap.idleSince(block) < before) {
        heap.coalesceBlocks(block, block + 1);
        return block + 1;
      }
      block = heap.nextIdle(block + 1);
    }
    return block;
  }

  /// Decommits the region, or the first blocks in a row that are due.
  private int decommit(Region region, int from, DeferredWork work) {
    Decommitter decommitter = core.decommitter;
    @Nullable KeptBlock kept = Decommitter.chooseKept(region.pool());
    boolean keepsRegion = kept != null && kept.region() == region;
    if (!keepsRegion
        && region.emptiedLast() < before
        && decommitter.unreserveIfUnused(region, work)) {
      return RegionHeap.NONE;
    }
    RegionHeap heap = region.heap();
    int block = heap.nextIdle(from);
    for (int i = 0; i < BLOCKS_AT_ONCE && block != RegionHeap.NONE; i++) {
      if (!KeptBlock.is(kept, region, block)) {
        if (heap.idleSince(block) < before) {
          return decommitter.decommitRun(region, block, before, kept, work);
        }
        more = true;
      }
      block = heap.nextIdle(block + 1);
    }
    return block;
  }
}
