// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.HeapModel.require;
import static com.example.jitmem.impl.allocator.space.RegionHeap.NONE;

import java.util.BitSet;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Turns numbers into operations on a heap and its model: random numbers, or the bytes of a fuzzer.
final class HeapDriver {
  private final HeapModel model;
  private final RegionHeap heap;

  /// Gives the next number less than a bound.
  private final IntUnaryOperator numbers;

  private int tick;
  private final int[] ticks;

  HeapDriver(HeapModel model, IntUnaryOperator numbers) {
    this.model = model;
    this.numbers = numbers;
    heap = model.heap;
    ticks = new int[model.blocks];
  }

  private int next(int bound) {
    return numbers.applyAsInt(bound);
  }

  private boolean oneIn(int bound) {
    return next(bound) == 0;
  }

  /// One operation. Most allocate or free; the others are rare, as they are in an allocator.
  void step() {
    int dice = next(64);
    if (dice < 27) {
      allocate();
    } else if (dice < 45) {
      free();
    } else if (dice < 48) {
      split();
    } else if (dice < 50) {
      reserve();
    } else if (dice < 53) {
      changeGrowth();
    } else if (dice < 56) {
      changeDecommit();
    } else if (dice < 58) {
      coalesce();
    } else {
      ask();
    }
  }

  private int count() {
    int most =
        switch (next(16)) {
          case 0 -> 2 * model.blockGranules;
          case 1, 2 -> 100;
          case 3, 4, 5 -> 20;
          default -> 4;
        };
    return 1 + next(most);
  }

  private void allocate() {
    int count = count();
    int way = next(16);
    int alignment = way == 0 ? 1 << next(10) : 1;
    int start =
        switch (way) {
          case 1, 2 -> heap.allocate(count, 1);
          case 0 -> heap.allocate(count, alignment);
          case 3, 4, 5 -> heap.allocateWilderness(count);
          default -> heap.allocateFreed(count);
        };
    if (!model.allocated(start, count, alignment) && model.growth == null && oneIn(2)) {
      model.planGrowth(count, alignment, 1 + next(3));
      if (model.growth != null && !oneIn(4)) {
        model.completeGrowth();
      }
    }
  }

  private void free() {
    int most = oneIn(32) ? 40 : 1;
    boolean ordered = oneIn(2);
    for (int i = 0; i < most && model.liveCount() > 0; i++) {
      int start = model.live(next(model.liveCount()));
      model.free(ordered && i > 0 ? model.starts.nextSetBit(0) : start);
    }
  }

  private void split() {
    if (model.liveCount() > 0) {
      int start = model.live(next(model.liveCount()));
      int count = model.end(start) - start;
      if (count > 1) {
        int middle = start + 1 + next(count - 1);
        model.split(start, middle);
        if (!oneIn(3)) {
          model.free(middle);
        }
      }
    }
  }

  private void reserve() {
    if (model.liveCount() > 0 && oneIn(2)) {
      model.reserve(model.live(next(model.liveCount())));
    } else if (!model.reserved.isEmpty()) {
      model.freeReserved(next(model.reserved.size()));
    }
  }

  private void changeGrowth() {
    if (model.growth == null) {
      model.planGrowth(count(), 1 << Math.max(0, next(20) - 10), 1 + next(3));
    } else if (oneIn(3)) {
      model.completeGrowth();
    } else if (oneIn(2) || model.growth.blockCount() == 0) {
      model.cancelGrowth();
    } else {
      model.reserveGrowth();
    }
  }

  private void changeDecommit() {
    int count = model.decommitting.size();
    if (count > 0 && oneIn(2)) {
      if (oneIn(3)) {
        model.cancelDecommit(next(count));
      } else {
        model.completeDecommit(next(count));
      }
      return;
    }
    int first = heap.nextIdle(next(model.blocks));
    if (first != NONE) {
      int end = first + 1;
      while (heap.isIdle(end) && !oneIn(4)) {
        end++;
      }
      model.beginDecommit(first, end);
    }
  }

  private void coalesce() {
    if (oneIn(4)) {
      coalesceAll();
    } else {
      int first = next(model.blocks);
      heap.coalesceBlocks(first, Math.min(model.blocks, first + 1 + next(2)));
    }
  }

  private void coalesceAll() {
    int parts = 0;
    while (heap.coalescePart()) {
      require(++parts <= model.capacity(), "coalescing does not end", parts);
    }
  }

  private void ask() {
    int granule = next(model.capacity());
    require(heap.findLive(granule) == model.findLive(granule), "not found", granule);
    require(heap.nextLive(granule) == model.starts.nextSetBit(granule), "not next", granule);
    int block = model.block(granule);
    require(heap.isIdle(block) == model.isIdle(block), "idle", block);
    require(heap.nextIdle(block) == model.nextIdle(block), "next idle", block);
    require(heap.idleSince(block) == ticks[block], "idle since", block);
    IntRange around = heap.emptyBlocksAround(granule);
    require(around.isEmpty() || !model.taken.get(granule), "empty around", granule);
    for (int empty = around.start(); empty < around.end(); empty++) {
      require(model.isIdle(empty), "not empty", empty);
    }
    if (oneIn(4)) {
      heap.noteIdle(block, block + 1, ++tick);
      ticks[block] = tick;
    }
  }

  /// Compares everything.
  void check() {
    List<IntRange> live = heap.check(model.isChanging());
    require(live.size() == model.liveCount(), "live spans", live.size());
    for (IntRange span : live) {
      require(model.starts.get(span.start()), "not live", span.start());
      require(model.end(span.start()) == span.end(), "another end", span.start());
    }
    for (int block = 0; block < model.blocks; block++) {
      require(heap.firstGranule(block) == block * model.blockGranules, "first", block);
      boolean growing =
          model.growth != null
              && block >= model.growth.firstBlock()
              && block < model.growth.endBlock();
      require(heap.isCommitted(block) == (growing || model.committed.get(block)), "is", block);
    }
    require(heap.committedBlocks() == model.committed.cardinality(), "committed", 0);
  }

  /// Ends what is in progress, coalesces all, and allocates what must fit: no granule is lost.
  void settle() {
    if (model.growth != null) {
      model.cancelGrowth();
    }
    while (!model.decommitting.isEmpty()) {
      model.completeDecommit(0);
    }
    coalesceAll();
    check();
    BitSet unusable = unusable();
    int longest = 0;
    int at = unusable.nextClearBit(0);
    while (at < model.capacity()) {
      int end = unusable.nextSetBit(at);
      longest = Math.max(longest, end - at);
      at = unusable.nextClearBit(end);
    }
    // Of longer runs the search may miss the best
    int fitting = longest <= SizeClasses.EXACT ? longest : longest * 4 / 5;
    if (fitting > 0) {
      int start = heap.allocate(fitting, 1);
      require(model.allocated(start, fitting, 1), "lost a run of " + longest, fitting);
    }
    int none = longest + 1;
    require(heap.allocate(none, 1) == NONE, "allocated more than there is", none);
  }

  private BitSet unusable() {
    BitSet unusable = new BitSet();
    unusable.or(model.taken);
    unusable.set(model.capacity());
    for (int block = 0; block < model.blocks; block++) {
      int first = block * model.blockGranules;
      if (!model.committed.get(block)) {
        unusable.set(first, first + model.blockGranules);
      } else if (model.padding && (block == 0 || !model.committed.get(block - 1))) {
        unusable.set(first);
      }
    }
    return unusable;
  }
}
