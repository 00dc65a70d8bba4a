// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.Invariant;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How much memory of a pool is committed beside what spans need.
///
/* Growth: a span that fits into a block makes the pool commit the eighth part of what it committed
 * for such spans before, at least one block, and below eight blocks as much again, up to 256 KiB.
 * So the number of calls to the system grows with the logarithm of the memory.
 *
 * Decommit: of the blocks without spans one is kept for each pool. The others are given back by
 * a purge: a tick of the Purger, or whoever wants to know how much is committed. A tick leaves
 * alone what became empty since the tick before, so that memory that comes and goes stays. With
 * IMMEDIATE_RELEASE, and when the generation drains, a block is given back as its last span ends
 * and none is kept.
 *
 * Guarded by the lock of the core. */
final class CommitPolicy {
  private static final int GROWTH_SHARE_LOG = 3;
  private static final long MOST_DOUBLED_BYTES = 256L << 10;

  private final Pool pool;
  private @Nullable Region keptRegion;
  private int keptBlock;
  private int committedBlocks;
  private int grownBlocks;

  CommitPolicy(Pool pool) {
    this.pool = pool;
  }

  /// How many blocks a growth commits for a span.
  int step(Region region, int count) {
    if (count > region.heap.blockGranules()) {
      return 1;
    }
    int share = grownBlocks >> GROWTH_SHARE_LOG;
    long doubling = Math.min(grownBlocks, MOST_DOUBLED_BYTES / pool.blockBytes());
    return Math.max(1, share > 0 ? share : (int) doubling);
  }

  /// Notes that blocks were committed.
  void committed(Region region, Growth growth) {
    committedBlocks += growth.blockCount();
    if (growth.count() <= region.heap.blockGranules()) {
      grownBlocks += growth.blockCount();
    }
    noteIdle(region, growth.firstBlock(), growth.endBlock());
    requestPurge();
  }

  /// Notes that blocks are not committed any more.
  void withdrawn(int blockCount) {
    committedBlocks -= blockCount;
    grownBlocks = Math.min(grownBlocks, committedBlocks);
  }

  /// Notes that blocks could not be decommitted. They are tried again with others, but nobody is
  /// asked to do so.
  void restored(Region region, IntRange blocks) {
    committedBlocks += blocks.count();
    noteIdle(region, blocks.start(), blocks.end());
  }

  /// Verifies what is counted.
  ///
  /// @param blocks how many blocks the regions of the pool have committed
  /// @throws IllegalStateException naming what is wrong
  void check(int blocks) {
    Invariant.requireEqual("committed blocks of a pool", committedBlocks, blocks);
    Invariant.require(
        grownBlocks >= 0 && grownBlocks <= blocks, "a pool grew by " + grownBlocks + " blocks");
  }

  /// Notes when blocks became empty. What is noted of others counts for nothing.
  private void noteIdle(Region region, int first, int end) {
    int tick = pool.purger().tick();
    region.heap.noteIdle(first, end, tick);
    region.emptiedLast = tick;
  }

  private void requestPurge() {
    if (committedBlocks > 1) {
      pool.purger().request();
    }
  }

  /// Applies the policy after a release.
  ///
  /// @param start the first granule that was released
  /// @param emptied the last block that holds no span any more
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer emptied(
      Region region, int start, int emptied, @Nullable Reclaimer reclaimer) {
    if (pool.generation.keepsEmptyBlock()) {
      noteIdle(region, Math.min(start / region.heap.blockGranules(), emptied), emptied + 1);
      requestPurge();
      return reclaimer;
    }
    Reclaimer work = reclaimer != null ? reclaimer : new Reclaimer(pool.generation.core);
    if (!releaseIfUnused(region, work)) {
      region.heap.coalesceBlocks(emptied, emptied + 1);
      withdrawAround(region, region.heap.firstGranule(emptied) + 1, work);
    }
    return work;
  }

  /// Applies the policy where memory became free that no span had.
  ///
  /// @param freed an empty range if that happened nowhere, but the region may be unused now
  void settle(Region region, IntRange freed, Reclaimer reclaimer) {
    if (pool.generation.keepsEmptyBlock() && region.heap.committedBlocks() > 0) {
      if (!freed.isEmpty()) {
        int blockGranules = region.heap.blockGranules();
        noteIdle(region, freed.start() / blockGranules, (freed.end() - 1) / blockGranules + 1);
        requestPurge();
      }
    } else if (!releaseIfUnused(region, reclaimer) && !freed.isEmpty()) {
      withdrawAround(region, freed.start(), reclaimer);
    }
  }

  /// Chooses the block without spans that a purge leaves, if it is to leave one: the lowest, so
  /// that what is committed next follows it and is one run with it.
  void chooseKept() {
    keptRegion = null;
    if (!pool.generation.keepsEmptyBlock()) {
      return;
    }
    for (Region region : pool.regions) {
      int block = region.heap.nextIdle(0);
      if (block != RegionHeap.NONE && region.unfilled.isEmpty()) {
        keptRegion = region;
        keptBlock = block;
        return;
      }
    }
  }

  boolean isKept(Region region, int block) {
    return region == keptRegion && block == keptBlock;
  }

  /// Gives back a region without spans of which no block is kept.
  ///
  /// @param before only if all of it is empty since before this tick
  boolean releaseIfIdle(Region region, int before, Reclaimer reclaimer) {
    return region != keptRegion
        && region.emptiedLast < before
        && releaseIfUnused(region, reclaimer);
  }

  /// Gives back blocks without spans that follow each other.
  ///
  /// @param first the first of them
  /// @param before only what is empty since before this tick
  /// @return the block behind those that were looked at
  int withdrawRun(Region region, int first, int before, Reclaimer reclaimer) {
    RegionHeap memory = region.heap;
    int end = first + 1;
    while (memory.isIdle(end) && memory.idleSince(end) < before && !isKept(region, end)) {
      end++;
    }
    memory.coalesceBlocks(first, end);
    int last = memory.coalesceAndTestPinned(end - 1) ? end - 1 : end;
    if (first < last) {
      withdraw(region, new IntRange(first, last), reclaimer);
    }
    return end;
  }

  /// Gives back all memory without spans, the kept block too.
  void trim(Reclaimer reclaimer) {
    keptRegion = null;
    for (Region region : List.copyOf(pool.regions)) {
      int block = releaseIfUnused(region, reclaimer) ? RegionHeap.NONE : region.heap.nextIdle(0);
      while (block != RegionHeap.NONE) {
        int end = withdrawRun(region, block, Integer.MAX_VALUE, reclaimer);
        block = region.heap.nextIdle(end);
      }
    }
  }

  /// Forgets a region that the pool has lost.
  void forget(Region region) {
    withdrawn(region.heap.committedBlocks());
    if (keptRegion == region) {
      keptRegion = null;
    }
  }

  /// Releases a region that holds nothing.
  private boolean releaseIfUnused(Region region, Reclaimer reclaimer) {
    if (region.gone) {
      return true;
    }
    if (region.held > 0 || region.busy > 0) {
      return false;
    }
    unlink(region, reclaimer);
    return true;
  }

  private void unlink(Region region, Reclaimer reclaimer) {
    pool.forget(region);
    reclaimer.release(region.code);
  }

  private void withdraw(Region region, IntRange blocks, Reclaimer reclaimer) {
    withdrawn(blocks.count());
    reclaimer.withdraw(region, blocks);
  }

  /// Gives back the empty blocks of the run a free granule lies in.
  private void withdrawAround(Region region, int granule, Reclaimer reclaimer) {
    RegionHeap memory = region.heap;
    IntRange empty = memory.emptyBlocksAround(granule);
    if (empty.isEmpty()) {
      return;
    }
    boolean pinned = memory.coalesceAndTestPinned(empty.end() - 1);
    // Asking may have joined the run with pending memory behind it
    empty = memory.emptyBlocksAround(granule);
    int end = pinned ? empty.end() - 1 : empty.end();
    if (empty.start() < end) {
      withdraw(region, new IntRange(empty.start(), end), reclaimer);
    }
  }
}
