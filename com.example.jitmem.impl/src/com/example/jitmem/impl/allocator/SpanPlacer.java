// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import org.jspecify.annotations.Nullable;

/// Finds places for spans: in free memory, else by committing blocks, else in a new region. What
/// the system is asked for, it is asked without the lock of the core, by one thread per pool.
final class SpanPlacer {
  private final SpanCore core;

  SpanPlacer(SpanCore core) {
    this.core = core;
  }

  /// Places a span.
  ///
  /// @throws IllegalArgumentException if the size and the alignment exceed a region
  /// @throws IllegalStateException if the allocator has ended or what ends the span
  /// @throws VirtMemException if the system refuses memory; nothing has changed then
  SpanRecord alloc(SpanOwner owner, SpanRequest request) {
    request.vicinity().ifPresent(SpanPlacer::refuse);
    Pool pool;
    core.lock.lock();
    try {
      SpanRecord span = take(null, owner, request);
      if (span != null) {
        return span;
      }
      pool = core.current().poolFor(request.byteSize(), request.byteAlignment());
      pool.generation.growths++;
    } finally {
      core.lock.unlock();
    }
    pool.growing.lock();
    try {
      return grow(pool, owner, request);
    } finally {
      pool.growing.unlock();
      core.lock.lock();
      try {
        pool.generation.growths--;
        core.dropIfOver(pool.generation);
      } finally {
        core.lock.unlock();
      }
    }
  }

  private static void refuse(Vicinity vicinity) {
    throw new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED,
        "This allocator cannot place spans within "
            + vicinity
            + ": allocate pages there with VirtMem");
  }

  private @Nullable SpanRecord take(@Nullable Pool chosen, SpanOwner owner, SpanRequest request) {
    core.checkOpen();
    owner.checkOpen();
    Pool pool =
        chosen != null
            ? chosen
            : core.current().poolFor(request.byteSize(), request.byteAlignment());
    int count = pool.granules(request.byteSize());
    Pool.Place place = pool.take(count, alignment(pool, request));
    return place == null ? null : register(place.region(), place.start(), count, owner, request);
  }

  private SpanRecord grow(Pool pool, SpanOwner owner, SpanRequest request) {
    fillAgain(pool);
    int count = pool.granules(request.byteSize());
    int alignment = alignment(pool, request);
    int regionCount;
    Pool.Plan plan;
    core.lock.lock();
    try {
      SpanRecord span = take(pool, owner, request);
      if (span != null) {
        return span;
      }
      plan = pool.plan(count, alignment);
      regionCount = pool.regions.size();
    } finally {
      core.lock.unlock();
    }
    if (plan == null) {
      plan = reserve(pool, regionCount, count, alignment);
    }
    commit(plan);
    return finish(plan, owner, request);
  }

  private Pool.Plan reserve(Pool pool, int regionCount, int count, int alignment) {
    CodeRegion code;
    try {
      code = pool.reserve(regionCount, count, alignment);
    } catch (VirtMemException e) {
      countFailure();
      throw e;
    }
    core.mappings.add(code);
    core.lock.lock();
    try {
      Region region = new Region(code, pool);
      Pool.Plan plan = pool.plan(region, count, alignment);
      if (plan == null) {
        throw new IllegalStateException("A new region has no room for " + count + " granules");
      }
      pool.regions.add(region);
      core.add(region);
      return plan;
    } catch (RuntimeException | Error e) {
      core.mappings.release(code);
      throw e;
    } finally {
      core.lock.unlock();
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
      int blockGranules = region.memory.blockGranules();
      region.fill(
          new UnitRange(growth.firstBlock() * blockGranules, growth.endBlock() * blockGranules));
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
    core.lock.lock();
    try {
      region.busy--;
      if (committed) {
        region.unfilled.add(region.memory.strand(plan.growth()));
        addReserved(plan);
      } else {
        region.memory.abandon(plan.growth());
      }
      region.pool.settle(region, plan.growth().start(), reclaimer);
    } finally {
      core.lock.unlock();
    }
    reclaimer.run();
  }

  private SpanRecord finish(Pool.Plan plan, SpanOwner owner, SpanRequest request) {
    Region region = plan.region();
    Growth growth = plan.growth();
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock.lock();
    try {
      region.busy--;
      region.memory.finish(growth);
      addReserved(plan);
      try {
        core.checkOpen();
        owner.checkOpen();
      } catch (IllegalStateException e) {
        region.pool.free(
            region, new UnitRange(growth.start(), growth.start() + growth.count()), reclaimer);
        throw e;
      }
      return register(region, growth.start(), growth.count(), owner, request);
    } finally {
      core.lock.unlock();
      reclaimer.run();
    }
  }

  private SpanRecord register(
      Region region, int start, int count, SpanOwner owner, SpanRequest request) {
    SpanRecord span = new SpanRecord(region, start, count, owner, request.name().orElse(null));
    region.held++;
    core.add(span);
    return span;
  }

  /// Tries to fill again what could not be filled before, so that it is used before new memory.
  private void fillAgain(Pool pool) {
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock.lock();
    try {
      for (Region region : pool.regions) {
        while (!region.unfilled.isEmpty()) {
          reclaimer.reclaim(region, region.unfilled.poll());
        }
      }
    } finally {
      core.lock.unlock();
    }
    reclaimer.run();
  }

  private void addReserved(Pool.Plan plan) {
    if (!plan.region().gone) {
      core.counters.addReserved(plan.growth().blockCount() * plan.region().pool.blockBytes());
    }
  }

  private void countFailure() {
    core.lock.lock();
    try {
      core.counters.failures++;
    } finally {
      core.lock.unlock();
    }
  }

  private static int alignment(Pool pool, SpanRequest request) {
    return (int) Math.max(1, request.byteAlignment() / pool.granuleBytes());
  }
}
