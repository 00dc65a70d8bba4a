// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The regions of one granule size, and the rule which empty memory stays committed: one block, or
/// none with IMMEDIATE_RELEASE or when the generation drains. A region without committed memory is
/// released.
///
/// Guarded by the lock of the core.
final class Pool {
  static final long MAX_REGION_BYTES = 1L << 31;
  private static final long FIRST_REGION_BYTES = 64L << 20;

  final Generation generation;

  /// Held by the thread that grows the pool, so that others wait for its result instead of growing
  /// it too. Taken before the lock of the core.
  final ReentrantLock growing = new ReentrantLock();

  final List<Region> regions = new ArrayList<>();
  private final int granuleBytes;
  private @Nullable Region keptRegion;
  private int keptBlock;

  /// A place for a span.
  record Place(Region region, int start) {}

  /// A growth that makes room for a span.
  record Plan(Region region, Growth growth) {}

  Pool(Generation generation, int granuleBytes) {
    this.generation = generation;
    this.granuleBytes = granuleBytes;
  }

  int granuleBytes() {
    return granuleBytes;
  }

  long blockBytes() {
    return generation.effective.blockByteSize();
  }

  boolean padding() {
    return generation.padding;
  }

  OptionalInt fillPattern() {
    return generation.fillPattern;
  }

  int granules(long byteSize) {
    return Math.toIntExact((byteSize + granuleBytes - 1) / granuleBytes);
  }

  /// Takes granules from committed memory.
  @Nullable Place take(int count, int alignment) {
    for (Region region : regions) {
      int start = region.memory.take(count, alignment);
      if (start != FreeRuns.NONE) {
        use(region, start, count);
        return new Place(region, start);
      }
    }
    return null;
  }

  /// Begins a growth in one of the regions there are.
  @Nullable Plan plan(int count, int alignment) {
    for (Region region : regions) {
      Plan plan = plan(region, count, alignment);
      if (plan != null) {
        return plan;
      }
    }
    return null;
  }

  /// Begins a growth in a region.
  @Nullable Plan plan(Region region, int count, int alignment) {
    Growth growth = region.memory.plan(count, alignment);
    if (growth == null) {
      return null;
    }
    region.busy++;
    use(region, growth.start(), count);
    return new Plan(region, growth);
  }

  /// Reserves a region for granules that fit into none. Must be called without the lock of the
  /// core.
  ///
  /// @param regionCount how many regions there are
  /// @param count the granules of a span
  /// @param alignment its alignment in granules
  /// @throws VirtMemException if the system refuses
  CodeRegion reserve(int regionCount, int count, int alignment) {
    long slack = Math.max(padding() ? 1 : 0, alignment > 1 ? alignment : 0);
    long least = (count + slack) * granuleBytes;
    long block = blockBytes();
    least = (least + block - 1) / block * block;
    long wanted = Math.min(MAX_REGION_BYTES, FIRST_REGION_BYTES << Math.min(regionCount, 5));
    wanted = generation.memory.advisableRegionByteSize(wanted) / block * block;
    wanted = Math.max(wanted, least);
    while (true) {
      try {
        return generation.memory.reserve(wanted);
      } catch (VirtMemException e) {
        if (e.reason() != VirtMemException.Reason.OUT_OF_MEMORY || wanted == least) {
          throw e;
        }
        wanted = Math.max(least, wanted / 2 / block * block);
      }
    }
  }

  /// Makes granules free and gives back what became empty.
  void free(Region region, UnitRange range, Reclaimer reclaimer) {
    if (region.gone || range.isEmpty()) {
      return;
    }
    region.memory.free(range);
    settle(region, range.start(), reclaimer);
  }

  /// Applies the rule of empty memory around a granule that became free.
  void settle(Region region, int granule, Reclaimer reclaimer) {
    if (!releaseIfUnused(region, reclaimer) && granule != FreeRuns.NONE) {
      trim(region, granule, reclaimer);
    }
  }

  /// Gives back all memory without spans, the kept block too.
  void trim(Reclaimer reclaimer) {
    Region kept = keptRegion;
    keptRegion = null;
    for (Region region : List.copyOf(regions)) {
      if (region.held == 0 && region.busy == 0) {
        unlink(region, reclaimer);
      } else if (region == kept && !region.memory.isPinned(keptBlock)) {
        reclaimer.withdraw(region, new UnitRange(keptBlock, keptBlock + 1));
      }
    }
  }

  /// Takes a region out of the pool without unmapping it.
  void forget(Region region) {
    region.gone = true;
    regions.remove(region);
    if (keptRegion == region) {
      keptRegion = null;
    }
    generation.core.forget(region);
  }

  boolean isKept(Region region, int block) {
    return region == keptRegion && block == keptBlock;
  }

  /// Releases a region that holds nothing, unless its empty block is the one to keep.
  private boolean releaseIfUnused(Region region, Reclaimer reclaimer) {
    if (region.gone) {
      return true;
    }
    if (region.held > 0 || region.busy > 0) {
      return false;
    }
    boolean keeps =
        generation.keepsEmptyBlock()
            && (keptRegion == null || keptRegion == region)
            && region.memory.committedBlocks() > 0
            && region.unfilled.isEmpty();
    if (!keeps) {
      unlink(region, reclaimer);
    }
    return !keeps;
  }

  private void unlink(Region region, Reclaimer reclaimer) {
    forget(region);
    reclaimer.release(region.code);
  }

  private void trim(Region region, int granule, Reclaimer reclaimer) {
    RegionMemory memory = region.memory;
    UnitRange empty = memory.emptyBlocks(granule);
    if (empty.isEmpty()) {
      return;
    }
    int first = empty.start();
    int end = empty.end();
    if (keptRegion == region && keptBlock >= first && keptBlock < end) {
      keptRegion = null;
    }
    boolean pinned = memory.isPinned(end - 1);
    if (pinned) {
      end--;
    }
    if (generation.keepsEmptyBlock() && keptRegion == null) {
      keptRegion = region;
      keptBlock = pinned ? end : first++;
    }
    if (first < end) {
      reclaimer.withdraw(region, new UnitRange(first, end));
    }
  }

  private void use(Region region, int start, int count) {
    if (region == keptRegion) {
      int blockGranules = region.memory.blockGranules();
      if (start < (keptBlock + 1) * blockGranules && start + count > keptBlock * blockGranules) {
        keptRegion = null;
      }
    }
  }
}
