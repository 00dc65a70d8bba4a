// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.Growth;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The regions of one granule size. A region without committed memory is unreserved.
///
/// Guarded by the lock of the core.
final class Pool {
  static final long MAX_REGION_BYTES = 1L << 31;

  /// Small, so that the tables of an allocator with little code are small.
  private static final long FIRST_REGION_BYTES = 16L << 20;

  private static final long SECOND_REGION_BYTES = 256L << 20;

  private final Generation generation;
  private final CommitPolicy policy;

  /// Held by the thread that grows the pool, so that others wait for its result instead of growing
  /// it too. Taken before the lock of the core.
  final ReentrantLock growing = new ReentrantLock();

  private final List<Region> regions = new ArrayList<>();

  /// Regions for spans that may lie anywhere.
  private final List<Region> ordinary = new ArrayList<>();

  /// The ordinary region that was allocated from last, null if there is none.
  private @Nullable Region recent;

  private final int granuleLog;

  /// A growth that makes room for a span.
  record Plan(Region region, Growth growth) {}

  Pool(Generation generation, int granuleBytes) {
    this.generation = generation;
    this.granuleLog = Integer.numberOfTrailingZeros(granuleBytes);
    policy = new CommitPolicy(blockBytes(), generation.releasesImmediately());
  }

  Generation generation() {
    return generation;
  }

  CommitPolicy policy() {
    return policy;
  }

  /// The regions, to be read only.
  List<Region> regions() {
    return regions;
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

  /// Whether empty blocks stay committed for a while.
  boolean keepsEmptyBlocks() {
    return policy.keepsEmptyBlocks(generation.isDraining());
  }

  int granules(long byteSize) {
    return (int) ((byteSize + granuleBytes() - 1) >>> granuleLog);
  }

  /// Allocates granules of committed memory that may lie anywhere.
  ///
  /// @return their place, [Place#NONE] if none was found
  long allocate(int count) {
    Region region = recent;
    if (region == null) {
      return Place.NONE;
    }
    int start = region.heap().allocateFreed(count);
    if (start == RegionHeap.NONE) {
      if (ordinary.size() > 1) {
        return allocateElsewhere(count);
      }
      start = region.heap().allocateWilderness(count);
    }
    return start == RegionHeap.NONE ? Place.NONE : region.place(start);
  }

  /// Allocates granules in any ordinary region: freed ones if possible, else the wilderness.
  private long allocateElsewhere(int count) {
    for (Region region : ordinary) {
      int start = region == recent ? RegionHeap.NONE : region.heap().allocateFreed(count);
      if (start != RegionHeap.NONE) {
        recent = region;
        return region.place(start);
      }
    }
    for (Region region : ordinary) {
      int start = region.heap().allocateWilderness(count);
      if (start != RegionHeap.NONE) {
        recent = region;
        return region.place(start);
      }
    }
    return Place.NONE;
  }

  /// Allocates granules of committed memory as a span needs them.
  ///
  /// @return their place, [Place#NONE] if none was found
  long allocate(SpanNeeds needs) {
    int count = granules(needs.byteSize());
    int alignment = alignment(needs);
    for (Region region : regions) {
      int start =
          region.mayHold(needs.vicinity())
              ? region.heap().allocate(count, alignment)
              : RegionHeap.NONE;
      if (start != RegionHeap.NONE) {
        return region.place(start);
      }
    }
    return Place.NONE;
  }

  /// Coalesces a part of what is pending where a span may lie.
  ///
  /// @return false if nothing was pending
  boolean coalescePart(SpanNeeds needs) {
    for (Region region : regions) {
      if (region.mayHold(needs.vicinity()) && region.heap().coalescePart()) {
        return true;
      }
    }
    return false;
  }

  /// Begins a growth in an existing region.
  @Nullable Plan planGrowth(SpanNeeds needs) {
    for (Region region : regions) {
      Plan plan = region.mayHold(needs.vicinity()) ? planGrowth(region, needs) : null;
      if (plan != null) {
        return plan;
      }
    }
    return null;
  }

  /// Begins a growth in a region.
  @Nullable Plan planGrowth(Region region, SpanNeeds needs) {
    int count = granules(needs.byteSize());
    int step = policy.step(count, region.heap().blockGranules());
    Growth growth = region.heap().planGrowth(count, alignment(needs), step);
    if (growth == null) {
      return null;
    }
    region.beginChange();
    return new Plan(region, growth);
  }

  /// The least size of a region that a span fits into, in whole blocks.
  long leastRegionBytes(SpanNeeds needs) {
    int alignment = alignment(needs);
    long slack = Math.max(padding() ? 1 : 0, alignment > 1 ? alignment : 0);
    long least = (granules(needs.byteSize()) + slack) * granuleBytes();
    long block = blockBytes();
    return (least + block - 1) / block * block;
  }

  /// The size of the next region.
  ///
  /// @param regionCount how many regions there are
  static long nextRegionBytes(int regionCount) {
    return switch (regionCount) {
      case 0 -> FIRST_REGION_BYTES;
      case 1 -> SECOND_REGION_BYTES;
      default -> MAX_REGION_BYTES;
    };
  }

  /// Adds a new region.
  void add(Region region) {
    regions.add(region);
    if (!region.isNear()) {
      ordinary.add(region);
      recent = region;
    }
  }

  /// Removes a region without unmapping it.
  void remove(Region region) {
    region.unlink();
    regions.remove(region);
    ordinary.remove(region);
    if (recent == region) {
      recent = ordinary.isEmpty() ? null : ordinary.getFirst();
    }
    policy.decommitted(region.heap().committedBlocks());
  }

  private int alignment(SpanNeeds needs) {
    return (int) Math.max(1, needs.byteAlignment() >>> granuleLog);
  }
}
