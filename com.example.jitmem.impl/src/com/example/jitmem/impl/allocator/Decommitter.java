// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes empty blocks and unused regions out of the tables, as the policy of their pool says, and
/// notes in [DeferredWork] what has to be decommitted.
///
/// Guarded by the lock of the core.
final class Decommitter {
  private final RegionDirectory regions;
  private final Generations generations;
  private final Counters counters;
  private final PurgeTimer timer;

  /// The block without spans that a purge leaves committed.
  record KeptBlock(Region region, int block) {
    static boolean is(@Nullable KeptBlock kept, Region region, int block) {
      return kept != null && kept.region == region && kept.block == block;
    }
  }

  Decommitter(
      RegionDirectory regions, Generations generations, Counters counters, PurgeTimer timer) {
    this.regions = regions;
    this.generations = generations;
    this.counters = counters;
    this.timer = timer;
  }

  /// Counts blocks that were committed for a span.
  void blocksCommitted(Region region, Growth growth, DeferredWork work) {
    Pool pool = region.pool();
    counters.addReserved(growth.blockCount() * pool.blockBytes());
    boolean forSmallSpan = growth.count() <= region.heap().blockGranules();
    pool.policy().committed(growth.blockCount(), forSmallSpan);
    noteIdle(region, growth.firstBlock(), growth.endBlock());
    requestPurge(pool, work);
  }

  /// Applies the policy after the end of a span.
  ///
  /// @param start the first granule that was freed
  /// @param emptied the last block that holds no span any more
  /// @return the work, null if there is none
  @Nullable DeferredWork blockEmptied(
      Region region, int start, int emptied, @Nullable DeferredWork work) {
    Pool pool = region.pool();
    if (pool.keepsEmptyBlocks()) {
      noteIdle(region, Math.min(start / region.heap().blockGranules(), emptied), emptied + 1);
      return requestPurge(pool, work);
    }
    DeferredWork own = DeferredWork.orNew(work);
    if (!unreserveIfUnused(region, own)) {
      region.heap().coalesceBlocks(emptied, emptied + 1);
      decommitAround(region, region.heap().firstGranule(emptied) + 1, own);
    }
    return own;
  }

  /// Frees reserved granules, after filling them if their generation fills.
  void reclaim(Region region, IntRange granules, DeferredWork work) {
    if (region.isUnlinked() || granules.isEmpty()) {
      return;
    }
    if (region.pool().fills()) {
      region.beginChange();
      work.addFill(region, granules);
    } else {
      freeReserved(region, granules, work);
    }
  }

  /// Frees reserved granules, and applies the policy.
  void freeReserved(Region region, IntRange granules, DeferredWork work) {
    if (!region.isUnlinked() && !granules.isEmpty()) {
      region.heap().freeReserved(granules);
      settle(region, granules, work);
    }
  }

  /// Applies the policy where reserved memory became free.
  ///
  /// @param freed the granules; an empty range if only the region may have become unused
  void settle(Region region, IntRange freed, DeferredWork work) {
    if (region.pool().keepsEmptyBlocks() && region.heap().committedBlocks() > 0) {
      if (!freed.isEmpty()) {
        int blockGranules = region.heap().blockGranules();
        noteIdle(region, freed.start() / blockGranules, (freed.end() - 1) / blockGranules + 1);
        requestPurge(region.pool(), work);
      }
    } else if (!unreserveIfUnused(region, work) && !freed.isEmpty()) {
      decommitAround(region, freed.start(), work);
    }
  }

  /// Enters blocks that the system has refused to decommit. They are tried again with others, but
  /// no tick is requested for them.
  ///
  /// @return the granules that are to become free
  IntRange restore(Region region, IntRange blocks) {
    region.pool().policy().stayedCommitted(blocks.count());
    noteIdle(region, blocks.start(), blocks.end());
    counters.addReserved(blocks.count() * region.pool().blockBytes());
    return region.heap().cancelDecommit(blocks);
  }

  /// Chooses the block without spans that a purge leaves: the lowest, so that what is committed
  /// next follows it and is one run with it.
  ///
  /// @return null if none is left
  static @Nullable KeptBlock chooseKept(Pool pool) {
    if (pool.keepsEmptyBlocks()) {
      for (Region region : pool.regions()) {
        int block = region.heap().nextIdle(0);
        if (block != RegionHeap.NONE && !region.hasUnfilled()) {
          return new KeptBlock(region, block);
        }
      }
    }
    return null;
  }

  /// Unlinks a region that holds no span, to be unmapped.
  ///
  /// @return whether it was unused
  boolean unreserveIfUnused(Region region, DeferredWork work) {
    if (region.isUnlinked()) {
      return true;
    }
    if (!region.isUnused()) {
      return false;
    }
    unlink(region);
    work.addUnreserve(region.code());
    return true;
  }

  /// Takes a region out of all tables without unmapping it.
  void unlink(Region region) {
    Pool pool = region.pool();
    pool.remove(region);
    regions.remove(region);
    counters.addReserved(-region.committedBytes());
    generations.removeIfOver(pool.generation());
  }

  /// Decommits blocks without spans that follow each other.
  ///
  /// @param first the first of them
  /// @param before only what is empty since before this tick
  /// @param kept stays
  /// @return the block behind those that were visited
  int decommitRun(
      Region region, int first, int before, @Nullable KeptBlock kept, DeferredWork work) {
    RegionHeap heap = region.heap();
    int end = first + 1;
    while (heap.isIdle(end) && heap.idleSince(end) < before && !KeptBlock.is(kept, region, end)) {
      end++;
    }
    heap.coalesceBlocks(first, end);
    int last = heap.coalesceAndTestPinned(end - 1) ? end - 1 : end;
    if (first < last) {
      decommit(region, new IntRange(first, last), work);
    }
    return end;
  }

  /// Decommits all memory of a generation without spans.
  void decommitAll(Generation generation, DeferredWork work) {
    for (Pool pool : generation.pools()) {
      for (Region region : List.copyOf(pool.regions())) {
        decommitAll(region, work);
      }
    }
  }

  private void decommitAll(Region region, DeferredWork work) {
    int block = unreserveIfUnused(region, work) ? RegionHeap.NONE : region.heap().nextIdle(0);
    while (block != RegionHeap.NONE) {
      int end = decommitRun(region, block, Integer.MAX_VALUE, null, work);
      block = region.heap().nextIdle(end);
    }
  }

  /// Decommits the empty blocks of the free run that a granule lies in.
  private void decommitAround(Region region, int granule, DeferredWork work) {
    RegionHeap heap = region.heap();
    IntRange empty = heap.emptyBlocksAround(granule);
    if (empty.isEmpty()) {
      return;
    }
    boolean pinned = heap.coalesceAndTestPinned(empty.end() - 1);
    // That may have joined the run with pending memory behind it
    empty = heap.emptyBlocksAround(granule);
    int end = pinned ? empty.end() - 1 : empty.end();
    if (empty.start() < end) {
      decommit(region, new IntRange(empty.start(), end), work);
    }
  }

  private void decommit(Region region, IntRange blocks, DeferredWork work) {
    region.pool().policy().decommitted(blocks.count());
    region.beginChange();
    region.heap().beginDecommit(blocks);
    counters.addReserved(-blocks.count() * region.pool().blockBytes());
    work.addDecommit(region, blocks);
  }

  /// Notes when blocks became empty. A note for a block that is not empty is ignored.
  private void noteIdle(Region region, int first, int end) {
    region.noteIdle(first, end, timer.tick());
  }

  private @Nullable DeferredWork requestPurge(Pool pool, @Nullable DeferredWork work) {
    return pool.policy().isPurgeWorthwhile() ? requestTick(work) : work;
  }

  /// Requests a tick.
  ///
  /// @return the work, in which the tick is noted if it has to be scheduled
  @Nullable DeferredWork requestTick(@Nullable DeferredWork work) {
    if (!timer.request()) {
      return work;
    }
    DeferredWork own = DeferredWork.orNew(work);
    own.addTick();
    return own;
  }
}
