// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import org.jspecify.annotations.Nullable;

/// Finds places for spans: in free memory, else by committing blocks, else in a new region. Calls
/// to the system are made without the lock of the core, by one thread per pool.
final class SpanPlacer {
  private final SpanCore core;

  /// A span that was placed.
  ///
  /// @param end the granule after it
  /// @param version what its handle is made with, see [SpanVersions]
  /// @param record null if it needs none
  record Placed(Region region, int start, int end, int version, @Nullable SpanRecord record) {}

  SpanPlacer(SpanCore core) {
    this.core = core;
  }

  /// Places a span and enters it into the tables.
  ///
  /// @return where it lies
  /// @throws IllegalArgumentException if the size and the alignment exceed a region
  /// @throws IllegalStateException if the allocator has ended or what ends the span
  /// @throws VirtMemException if the system refuses memory; nothing has changed then
  Placed alloc(SpanNeeds needs) {
    if (core.writers.hasLeftBehind()) {
      Reclaimer.collectWritten(core);
    }
    Pool pool;
    core.lock();
    try {
      pool = core.poolFor(needs.account(), needs.byteSize(), needs.byteAlignment());
      Placed placed = take(pool, needs);
      if (placed != null) {
        return placed;
      }
      pool.generation().beginGrowth();
    } finally {
      core.unlock();
    }
    pool.growing.lock();
    try {
      return grow(pool, needs);
    } finally {
      pool.growing.unlock();
      core.lock();
      try {
        pool.generation().endGrowth();
        core.generations.removeIfOver(pool.generation());
      } finally {
        core.unlock();
      }
    }
  }

  private @Nullable Placed take(Pool pool, SpanNeeds needs) {
    core.generations.checkOpen();
    needs.checkOpen();
    core.admit(needs.account());
    long place = pool.allocate(needs);
    if (place == Place.NONE) {
      return null;
    }
    int count = pool.granules(needs.byteSize());
    return enter(core.regionAt(place), Place.start(place), count, needs);
  }

  /* Others get the lock between two parts: a million spans may be pending. */
  private @Nullable Placed takeCoalescing(Pool pool, SpanNeeds needs) {
    Placed placed = take(pool, needs);
    while (placed == null && pool.coalescePart(needs)) {
      core.unlock();
      core.lock();
      placed = take(pool, needs);
    }
    return placed;
  }

  private Placed enter(Region region, int start, int count, SpanNeeds needs) {
    SpanRecord record = core.enter(needs, region, start, count);
    return new Placed(region, start, start + count, region.versions().version(start), record);
  }

  private Placed grow(Pool pool, SpanNeeds needs) {
    fillAgain(pool);
    int regionCount;
    Pool.Plan plan;
    core.lock();
    try {
      Placed placed = takeCoalescing(pool, needs);
      if (placed != null) {
        return placed;
      }
      plan = pool.planGrowth(needs);
      regionCount = pool.regions().size();
    } finally {
      core.unlock();
    }
    if (plan == null) {
      plan = addRegion(pool, reserve(pool, regionCount, needs), needs);
    }
    commit(plan);
    return finish(plan, needs);
  }

  /// Reserves a region, as large as the system has addresses for.
  private CodeRegion reserve(Pool pool, int regionCount, SpanNeeds needs) {
    CodeMemory memory = pool.generation().memory;
    long block = pool.blockBytes();
    long least = pool.leastRegionBytes(needs);
    long usual = memory.advisableRegionByteSize(Pool.nextRegionBytes(regionCount));
    long wanted = Math.max(usual / block * block, least);
    while (true) {
      try {
        return needs.vicinity() == null
            ? memory.reserve(wanted)
            : memory.reserveNear(wanted, needs.vicinity());
      } catch (VirtMemException e) {
        if (e.reason() != VirtMemException.Reason.OUT_OF_MEMORY || wanted == least) {
          countFailure();
          throw e;
        }
        wanted = Math.max(least, wanted / 2 / block * block);
      }
    }
  }

  private Pool.Plan addRegion(Pool pool, CodeRegion code, SpanNeeds needs) {
    core.mappings.add(code);
    core.lock();
    try {
      boolean near = needs.vicinity() != null;
      Region region = new Region(code, pool, near, core.regions.freeOrdinal());
      Pool.Plan plan = pool.planGrowth(region, needs);
      if (plan == null) {
        throw new IllegalStateException("A new region has no room for " + needs);
      }
      pool.add(region);
      core.regions.add(region);
      return plan;
    } catch (RuntimeException | Error e) {
      core.mappings.unreserve(code);
      throw e;
    } finally {
      core.unlock();
    }
  }

  /// Commits the blocks of a growth and fills them, or undoes the growth.
  private void commit(Pool.Plan plan) {
    Region region = plan.region();
    Growth growth = plan.growth();
    if (growth.blockCount() == 0) {
      return;
    }
    long offset = growth.firstBlock() * region.pool().blockBytes();
    long byteSize = growth.blockCount() * region.pool().blockBytes();
    boolean committed = false;
    try {
      region.code().commit(offset, byteSize);
      committed = true;
      region.fill(
          new IntRange(
              region.heap().firstGranule(growth.firstBlock()),
              region.heap().firstGranule(growth.endBlock())));
    } catch (RuntimeException | Error e) {
      undo(plan, committed && !decommitted(region, offset, byteSize, e));
      if (e instanceof VirtMemException) {
        countFailure();
      }
      throw e;
    }
  }

  private static boolean decommitted(Region region, long offset, long byteSize, Throwable cause) {
    try {
      region.code().decommit(offset, byteSize);
      return true;
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      return false;
    }
  }

  private void undo(Pool.Plan plan, boolean committed) {
    Region region = plan.region();
    Growth growth = plan.growth();
    Reclaimer.run(
        core,
        work -> {
          region.endChange();
          if (committed) {
            IntRange reserved = region.heap().reserveGrowth(growth);
            if (!region.isUnlinked()) {
              region.addUnfilled(reserved);
              core.decommitter.blocksCommitted(region, growth, work);
            }
          } else {
            region.heap().cancelGrowth(growth);
          }
          core.decommitter.settle(region, new IntRange(growth.start(), growth.end()), work);
        });
  }

  private Placed finish(Pool.Plan plan, SpanNeeds needs) {
    Region region = plan.region();
    Growth growth = plan.growth();
    return Reclaimer.call(
        core,
        work -> {
          region.endChange();
          region.heap().completeGrowth(growth);
          if (!region.isUnlinked()) {
            core.decommitter.blocksCommitted(region, growth, work);
          }
          try {
            core.generations.checkOpen();
            needs.checkOpen();
          } catch (IllegalStateException e) {
            region.heap().reserve(growth.start(), growth.end());
            IntRange span = new IntRange(growth.start(), growth.end());
            core.decommitter.freeReserved(region, span, work);
            throw e;
          }
          return enter(region, growth.start(), growth.count(), needs);
        });
  }

  /// Tries to fill again what could not be filled before, so that it is used before new memory.
  private void fillAgain(Pool pool) {
    Reclaimer.run(
        core,
        work -> {
          for (Region region : pool.regions()) {
            for (IntRange set = region.pollUnfilled(); set != null; set = region.pollUnfilled()) {
              core.decommitter.reclaim(region, set, work);
            }
          }
        });
  }

  private void countFailure() {
    core.lock();
    try {
      core.counters.failures++;
    } finally {
      core.unlock();
    }
  }
}
