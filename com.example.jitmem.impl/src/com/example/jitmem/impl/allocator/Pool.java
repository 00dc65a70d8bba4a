// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The regions of one granule size. A region without committed memory is released.
///
/// Guarded by the lock of the core.
final class Pool {
  static final long MAX_REGION_BYTES = 1L << 31;

  /// Small, so that the tables of an allocator with little code are small.
  private static final long FIRST_REGION_BYTES = 16L << 20;

  private static final long SECOND_REGION_BYTES = 256L << 20;

  final Generation generation;
  final CommitPolicy policy = new CommitPolicy(this);

  /// Held by the thread that grows the pool, so that others wait for its result instead of growing
  /// it too. Taken before the lock of the core.
  final ReentrantLock growing = new ReentrantLock();

  final List<Region> regions = new ArrayList<>();

  /// Those for spans that may lie anywhere.
  private final List<Region> ordinary = new ArrayList<>();

  /// The ordinary region that was allocated from last, null if there is none.
  @Nullable Region hot;

  private final int granuleLog;

  /// A place for a span.
  record Place(Region region, int start) {}

  /// A growth that makes room for a span.
  record Plan(Region region, Growth growth) {}

  Pool(Generation generation, int granuleBytes) {
    this.generation = generation;
    this.granuleLog = Integer.numberOfTrailingZeros(granuleBytes);
  }

  Purger purger() {
    return generation.core.purger;
  }

  int granuleBytes() {
    return 1 << granuleLog;
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

  /// Whether memory without spans is filled with a pattern.
  boolean fills() {
    return generation.fills;
  }

  int granules(long byteSize) {
    return (int) ((byteSize + granuleBytes() - 1) >>> granuleLog);
  }

  /// Takes granules from committed memory, in the region that is [#hot] afterwards.
  ///
  /// @return the first granule, [RegionHeap#NONE] if no place was found
  int take(int count) {
    Region region = hot;
    if (region == null) {
      return RegionHeap.NONE;
    }
    int start = region.heap.allocateFreed(count);
    if (start != RegionHeap.NONE) {
      return start;
    }
    return ordinary.size() == 1 ? region.heap.allocateWilderness(count) : takeElsewhere(count);
  }

  /// Takes granules that a span had before in any ordinary region, else others.
  private int takeElsewhere(int count) {
    for (Region region : ordinary) {
      int start = region == hot ? RegionHeap.NONE : region.heap.allocateFreed(count);
      if (start != RegionHeap.NONE) {
        hot = region;
        return start;
      }
    }
    for (Region region : ordinary) {
      int start = region.heap.allocateWilderness(count);
      if (start != RegionHeap.NONE) {
        hot = region;
        return start;
      }
    }
    return RegionHeap.NONE;
  }

  /// Takes granules as a span needs them from committed memory.
  @Nullable Place take(SpanNeeds needs) {
    int count = granules(needs.byteSize());
    int alignment = alignment(needs);
    for (Region region : regions) {
      int start = needs.mayLieIn(region) ? region.heap.allocate(count, alignment) : RegionHeap.NONE;
      if (start != RegionHeap.NONE) {
        return new Place(region, start);
      }
    }
    return null;
  }

  /// Coalesces a part of what is pending where a span may lie.
  ///
  /// @return false if nothing was pending
  boolean coalescePart(SpanNeeds needs) {
    for (Region region : regions) {
      if (needs.mayLieIn(region) && region.heap.coalescePart()) {
        return true;
      }
    }
    return false;
  }

  /// Begins a growth in one of the regions there are.
  @Nullable Plan plan(SpanNeeds needs) {
    for (Region region : regions) {
      Plan plan = needs.mayLieIn(region) ? plan(region, needs) : null;
      if (plan != null) {
        return plan;
      }
    }
    return null;
  }

  /// Begins a growth in a region.
  @Nullable Plan plan(Region region, SpanNeeds needs) {
    int count = granules(needs.byteSize());
    Growth growth = region.heap.planGrowth(count, alignment(needs), policy.step(region, count));
    if (growth == null) {
      return null;
    }
    region.busy++;
    return new Plan(region, growth);
  }

  /// Reserves a region for a span that fits into none. Must be called without the lock of the core.
  ///
  /// @param regionCount how many regions there are
  /// @throws VirtMemException if the system refuses
  CodeRegion reserve(int regionCount, SpanNeeds needs) {
    int alignment = alignment(needs);
    long slack = Math.max(padding() ? 1 : 0, alignment > 1 ? alignment : 0);
    long least = (granules(needs.byteSize()) + slack) * granuleBytes();
    long block = blockBytes();
    least = (least + block - 1) / block * block;
    long wanted =
        generation.memory.advisableRegionByteSize(regionBytes(regionCount)) / block * block;
    wanted = Math.max(wanted, least);
    while (true) {
      try {
        return needs.reserve(generation.memory, wanted);
      } catch (VirtMemException e) {
        if (e.reason() != VirtMemException.Reason.OUT_OF_MEMORY || wanted == least) {
          throw e;
        }
        wanted = Math.max(least, wanted / 2 / block * block);
      }
    }
  }

  private static long regionBytes(int regionCount) {
    return switch (regionCount) {
      case 0 -> FIRST_REGION_BYTES;
      case 1 -> SECOND_REGION_BYTES;
      default -> MAX_REGION_BYTES;
    };
  }

  /// Makes granules free that no span has, and gives back what became empty.
  void free(Region region, IntRange range, Reclaimer reclaimer) {
    if (region.gone || range.isEmpty()) {
      return;
    }
    region.heap.freeReserved(range);
    policy.settle(region, range, reclaimer);
  }

  /// Takes a new region in.
  void add(Region region) {
    regions.add(region);
    if (!region.near) {
      ordinary.add(region);
      hot = region;
    }
  }

  /// Takes a region out of the pool without unmapping it.
  void forget(Region region) {
    region.gone = true;
    region.plain = false;
    regions.remove(region);
    ordinary.remove(region);
    if (hot == region) {
      hot = ordinary.isEmpty() ? null : ordinary.getFirst();
    }
    policy.forget(region);
    generation.core.forget(region);
  }

  private int alignment(SpanNeeds needs) {
    return (int) Math.max(1, needs.byteAlignment() >>> granuleLog);
  }
}
