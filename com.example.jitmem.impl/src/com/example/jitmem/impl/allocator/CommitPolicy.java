// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How much memory of a pool is committed beside what spans need.
///
/* Growth: a span that fits into a block makes the pool commit the eighth part of what it committed
 * for such spans before, at least one block. So the number of calls to the system grows with the
 * logarithm of the memory.
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

  /// Blocks that are coalesced while others wait for the lock.
  private static final int BLOCKS_AT_ONCE = 8;

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
    return count <= region.memory.blockGranules()
        ? Math.max(1, grownBlocks >> GROWTH_SHARE_LOG)
        : 1;
  }

  /// Notes that blocks were committed.
  void committed(Region region, Growth growth) {
    committedBlocks += growth.blockCount();
    if (growth.count() <= region.memory.blockGranules()) {
      grownBlocks += growth.blockCount();
    }
    for (int block = growth.firstBlock(); block < growth.endBlock(); block++) {
      region.memory.occupancy().noteIdle(block, pool.purger().tick());
    }
    requestPurge();
  }

  /// Notes that blocks are not committed any more.
  void withdrawn(int blockCount) {
    committedBlocks -= blockCount;
    grownBlocks = Math.min(grownBlocks, committedBlocks);
  }

  /// Notes that blocks could not be decommitted.
  void restored(int blockCount) {
    committedBlocks += blockCount;
  }

  /// Verifies what is counted.
  ///
  /// @param blocks how many blocks the regions of the pool have committed
  /// @throws IllegalStateException naming what is wrong
  void check(int blocks) {
    SelfCheck.requireEqual("committed blocks of a pool", committedBlocks, blocks);
    SelfCheck.require(
        grownBlocks >= 0 && grownBlocks <= blocks, "a pool grew by " + grownBlocks + " blocks");
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
      int first = Math.min(start / region.memory.blockGranules(), emptied);
      for (int block = first; block <= emptied; block++) {
        if (region.memory.isIdle(block)) {
          region.memory.occupancy().noteIdle(block, pool.purger().tick());
        }
      }
      requestPurge();
      return reclaimer;
    }
    Reclaimer work = reclaimer != null ? reclaimer : new Reclaimer(pool.generation.core);
    if (!releaseIfUnused(region, work)) {
      region.memory.coalesceBlocks(emptied, emptied + 1);
      withdrawAround(region, region.memory.firstGranule(emptied) + 1, work);
    }
    return work;
  }

  /// Applies the policy where memory became free that no span had.
  void settle(Region region, int granule, Reclaimer reclaimer) {
    if (pool.generation.keepsEmptyBlock() && region.memory.committedBlocks() > 0) {
      requestPurge();
    } else if (!releaseIfUnused(region, reclaimer) && granule != RegionMemory.NONE) {
      withdrawAround(region, granule, reclaimer);
    }
  }

  /// Coalesces what is pending in some of the blocks that a purge would give back, so that it has
  /// little to do while others wait for the lock.
  ///
  /// @param from the first block to look at
  /// @return the block to go on with, [RegionMemory#NONE] if there is none
  int preparePurge(Region region, int from, int before) {
    RegionMemory memory = region.memory;
    int block = memory.nextIdle(from);
    int left = BLOCKS_AT_ONCE;
    while (block != RegionMemory.NONE && left > 0) {
      if (memory.occupancy().idleSince(block) < before) {
        memory.coalesceBlocks(block, block + 1);
        left--;
      }
      block = memory.nextIdle(block + 1);
    }
    return block;
  }

  /// Gives back blocks without spans but one.
  ///
  /// @param before only what is empty since before this tick
  /// @return whether there is more to give back later
  boolean purge(int before, Reclaimer reclaimer) {
    boolean keeps = pool.generation.keepsEmptyBlock();
    chooseKept(keeps);
    boolean more = false;
    for (Region region : List.copyOf(pool.regions)) {
      if (region != keptRegion && region.held == 0 && region.busy == 0) {
        unlink(region, reclaimer);
      } else {
        more |= purge(region, before, reclaimer);
      }
    }
    return more;
  }

  private boolean purge(Region region, int before, Reclaimer reclaimer) {
    RegionMemory memory = region.memory;
    boolean more = false;
    for (int block = memory.nextIdle(0);
        block != RegionMemory.NONE;
        block = memory.nextIdle(block)) {
      int end = block;
      while (memory.isIdle(end)
          && memory.occupancy().idleSince(end) < before
          && !isKept(region, end)) {
        end++;
      }
      more |= end == block && !isKept(region, block);
      int last = end - 1;
      if (end > block) {
        memory.coalesceBlocks(block, end);
      }
      if (end > block && memory.isPinned(last)) {
        end = last;
      }
      if (end > block) {
        withdraw(region, new UnitRange(block, end), reclaimer);
      }
      block = Math.max(block, last) + 1;
    }
    return more;
  }

  /* The lowest block, so that what is committed next follows it and is one run with it. */
  private void chooseKept(boolean keeps) {
    keptRegion = null;
    if (!keeps) {
      return;
    }
    for (Region region : pool.regions) {
      int block = region.memory.nextIdle(0);
      if (block != RegionMemory.NONE && region.unfilled.isEmpty()) {
        keptRegion = region;
        keptBlock = block;
        return;
      }
    }
  }

  /// Gives back all memory without spans, the kept block too.
  void trim(Reclaimer reclaimer) {
    keptRegion = null;
    for (Region region : List.copyOf(pool.regions)) {
      if (region.held == 0 && region.busy == 0) {
        unlink(region, reclaimer);
      } else {
        purge(region, Integer.MAX_VALUE, reclaimer);
      }
    }
  }

  /// Forgets a region that the pool has lost.
  void forget(Region region) {
    withdrawn(region.memory.committedBlocks());
    if (keptRegion == region) {
      keptRegion = null;
    }
  }

  private boolean isKept(Region region, int block) {
    return region == keptRegion && block == keptBlock;
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

  private void withdraw(Region region, UnitRange blocks, Reclaimer reclaimer) {
    withdrawn(blocks.count());
    reclaimer.withdraw(region, blocks);
  }

  /// Gives back the empty blocks of the run a free granule lies in.
  private void withdrawAround(Region region, int granule, Reclaimer reclaimer) {
    RegionMemory memory = region.memory;
    UnitRange empty = memory.emptyBlocks(granule);
    if (empty.isEmpty()) {
      return;
    }
    boolean pinned = memory.isPinned(empty.end() - 1);
    // Asking may have joined the run with pending memory behind it
    empty = memory.emptyBlocks(granule);
    int end = pinned ? empty.end() - 1 : empty.end();
    if (empty.start() < end) {
      withdraw(region, new UnitRange(empty.start(), end), reclaimer);
    }
  }
}
