// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeRegion;
import org.jspecify.annotations.Nullable;

/// Finds places for spans: in free memory, else by committing blocks, else in a new region. What
/// the system is asked for, it is asked without the lock of the core, by one thread per pool.
final class SpanPlacer {
  private final SpanCore core;

  /// A span that was placed.
  ///
  /// @param endings what its handle is born with, see [SpanVersions]
  /// @param record null if it needs none
  record Placed(Region region, int start, int endings, @Nullable SpanRecord record) {}

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
      core.collect();
    }
    Pool pool;
    core.lock();
    try {
      pool = core.current().poolFor(needs.byteSize(), needs.byteAlignment());
      Placed placed = take(pool, needs);
      if (placed != null) {
        return placed;
      }
      pool.generation.growths++;
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
        pool.generation.growths--;
        core.dropIfOver(pool.generation);
      } finally {
        core.unlock();
      }
    }
  }

  private @Nullable Placed take(Pool pool, SpanNeeds needs) {
    core.checkOpen();
    needs.checkOpen();
    core.admit(needs.account());
    Pool.Place place = pool.take(needs);
    return place == null
        ? null
        : enter(place.region(), place.start(), pool.granules(needs.byteSize()), needs);
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
    return new Placed(region, start, region.versions.version(start), record);
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
      plan = pool.plan(needs);
      regionCount = pool.regions.size();
    } finally {
      core.unlock();
    }
    if (plan == null) {
      plan = reserve(pool, regionCount, needs);
    }
    commit(plan);
    return finish(plan, needs);
  }

  private Pool.Plan reserve(Pool pool, int regionCount, SpanNeeds needs) {
    CodeRegion code;
    try {
      code = pool.reserve(regionCount, needs);
    } catch (VirtMemException e) {
      countFailure();
      throw e;
    }
    core.mappings.add(code);
    core.lock();
    try {
      Region region = new Region(code, pool, needs.vicinity() != null, core.regions.freeOrdinal());
      Pool.Plan plan = pool.plan(region, needs);
      if (plan == null) {
        throw new IllegalStateException("A new region has no room for " + needs);
      }
      pool.add(region);
      core.regions.add(region);
      return plan;
    } catch (RuntimeException | Error e) {
      core.mappings.release(code);
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
    long offset = growth.firstBlock() * region.pool.blockBytes();
    long byteSize = growth.blockCount() * region.pool.blockBytes();
    boolean committed = false;
    try {
      region.code.commit(offset, byteSize);
      committed = true;
      RegionHeap memory = region.heap;
      region.fill(
          new IntRange(
              memory.firstGranule(growth.firstBlock()), memory.firstGranule(growth.endBlock())));
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
      region.code.decommit(offset, byteSize);
      return true;
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      return false;
    }
  }

  private void undo(Pool.Plan plan, boolean committed) {
    Region region = plan.region();
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      region.busy--;
      if (committed) {
        IntRange stranded = region.heap.reserveGrowth(plan.growth());
        if (!region.gone) {
          region.unfilled.add(stranded);
          addReserved(plan);
        }
      } else {
        region.heap.cancelGrowth(plan.growth());
      }
      int start = plan.growth().start();
      IntRange freed = new IntRange(start, start + plan.growth().count());
      region.pool.policy.settle(region, freed, reclaimer);
    } finally {
      core.unlock();
    }
    reclaimer.run();
  }

  private Placed finish(Pool.Plan plan, SpanNeeds needs) {
    Region region = plan.region();
    Growth growth = plan.growth();
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      region.busy--;
      region.heap.completeGrowth(growth);
      if (!region.gone) {
        addReserved(plan);
      }
      try {
        core.checkOpen();
        needs.checkOpen();
      } catch (IllegalStateException e) {
        int end = growth.start() + growth.count();
        region.heap.reserve(growth.start(), end);
        region.pool.free(region, new IntRange(growth.start(), end), reclaimer);
        throw e;
      }
      return enter(region, growth.start(), growth.count(), needs);
    } finally {
      core.unlock();
      reclaimer.run();
    }
  }

  /// Tries to fill again what could not be filled before, so that it is used before new memory.
  private void fillAgain(Pool pool) {
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      for (Region region : pool.regions) {
        while (!region.unfilled.isEmpty()) {
          reclaimer.reclaim(region, region.unfilled.poll());
        }
      }
    } finally {
      core.unlock();
    }
    reclaimer.run();
  }

  private void addReserved(Pool.Plan plan) {
    Region region = plan.region();
    core.counters.addReserved(plan.growth().blockCount() * region.pool.blockBytes());
    region.pool.policy.committed(region, plan.growth());
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
