// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.RegionHeap.NONE;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A heap, and beside it what must be true of it: a bit for each granule that is taken, a bit for
/// each block that is committed. Every answer of the heap is compared; the first that is wrong
/// throws.
final class HeapModel {
  final RegionHeap heap;
  final int blocks;
  final int blockGranules;
  final boolean padding;

  /// First granules of live spans.
  final BitSet starts = new BitSet();

  /// Granules of live spans, and reserved ones but padding.
  final BitSet taken = new BitSet();

  /// Blocks that are committed, and neither on the way to nor from the system.
  final BitSet committed = new BitSet();

  final List<IntRange> reserved = new ArrayList<>();
  final List<IntRange> decommitting = new ArrayList<>();
  @Nullable Growth growth;

  /// The growth follows no committed block, so that it has padding whatever happens before it.
  private boolean growthPadded;

  private final int[] live;
  private final int[] places;
  private final int[] ends;
  private int liveCount;

  HeapModel(int blocks, int blockGranules, boolean padding) {
    this.blocks = blocks;
    this.blockGranules = blockGranules;
    this.padding = padding;
    heap = new RegionHeap(blocks, blockGranules, padding);
    live = new int[capacity()];
    places = new int[capacity()];
    ends = new int[capacity()];
  }

  int capacity() {
    return blocks * blockGranules;
  }

  int liveCount() {
    return liveCount;
  }

  /// The first granule of one of the live spans.
  int live(int index) {
    return live[index];
  }

  int end(int start) {
    return ends[start];
  }

  int block(int granule) {
    return granule / blockGranules;
  }

  boolean isChanging() {
    return growth != null || !decommitting.isEmpty();
  }

  /// Notes a span that the heap has allocated.
  ///
  /// @param start what the heap has answered
  /// @return whether it is a span
  boolean allocated(int start, int count, int alignment) {
    if (start == NONE) {
      return false;
    }
    int end = start + count;
    require(start >= 0 && end <= capacity(), "outside of the region", start);
    require(start % alignment == 0, "not aligned", start);
    require(committed.nextClearBit(block(start)) > block(end - 1), "not committed", start);
    int next = taken.nextSetBit(start);
    require(next == NONE || next >= end, "taken twice", start);
    addLive(start, end);
    return true;
  }

  private void addLive(int start, int end) {
    require(
        !padding || (start > 0 && committed.get(block(start - 1))),
        "nothing can be read before the span",
        start);
    starts.set(start);
    taken.set(start, end);
    ends[start] = end;
    places[start] = liveCount;
    live[liveCount++] = start;
  }

  private void removeLive(int start) {
    starts.clear(start);
    int last = live[--liveCount];
    live[places[start]] = last;
    places[last] = places[start];
  }

  void free(int start) {
    int end = end(start);
    require(heap.endOf(start) == end, "the end is wrong", start);
    removeLive(start);
    taken.clear(start, end);
    int expected = NONE;
    for (int block = block(start); block <= block(end - 1); block++) {
      expected = isIdle(block) ? block : expected;
    }
    if (expected == NONE && start % blockGranules == 0 && isIdle(block(start) - 1)) {
      expected = block(start) - 1;
    }
    int emptied = heap.free(start, end);
    require(emptied == expected, "emptied " + emptied + ", not " + expected, start);
    if (liveCount == 0 && reserved.isEmpty() && !isChanging()) {
      heap.resetIfMostlyPending();
    }
  }

  void reserve(int start) {
    removeLive(start);
    reserved.add(new IntRange(start, end(start)));
    heap.reserve(start, end(start));
  }

  void freeReserved(int index) {
    IntRange range = reserved.remove(index);
    taken.clear(range.start(), range.end());
    heap.freeReserved(range);
  }

  void split(int start, int middle) {
    int end = end(start);
    heap.split(start, middle, end);
    ends[start] = middle;
    addLive(middle, end);
  }

  /// Begins a growth if there is room for one.
  void planGrowth(int count, int alignment, int step) {
    Growth planned = heap.planGrowth(count, alignment, step);
    if (planned == null) {
      int most = count + (alignment > 1 ? alignment : padding ? 1 : 0);
      int wanted = (most + blockGranules - 1) / blockGranules;
      require(!hasUncommitted(wanted), "no growth, but room for " + count, wanted);
      return;
    }
    growth = planned;
    int first = planned.firstBlock();
    int end = planned.endBlock();
    growthPadded = first == 0 || !committed.get(first - 1);
    require(planned.count() == count && planned.start() % alignment == 0, "not as wanted", count);
    for (int block = first; block < end; block++) {
      require(isUncommitted(block), "not uncommitted", block);
      require(heap.isCommitted(block) && !heap.isIdle(block), "not growing", block);
    }
    int last = block(planned.end() - 1);
    for (int block = block(planned.start()); block <= last; block++) {
      require(
          committed.get(block) || (block >= first && block < end), "not to be committed", block);
    }
    int next = taken.nextSetBit(planned.start());
    require(next == NONE || next >= planned.end(), "planned where something is", planned.start());
    taken.set(planned.start(), planned.end());
  }

  private boolean isUncommitted(int block) {
    return block < blocks
        && !committed.get(block)
        && decommitting.stream().noneMatch(r -> block >= r.start() && block < r.end());
  }

  private boolean hasUncommitted(int count) {
    int inARow = 0;
    for (int block = 0; block < blocks; block++) {
      inARow = isUncommitted(block) ? inARow + 1 : 0;
      if (inARow >= count) {
        return true;
      }
    }
    return false;
  }

  private Growth endGrowth() {
    Growth ended = growth;
    if (ended == null) {
      throw new IllegalStateException();
    }
    growth = null;
    taken.clear(ended.start(), ended.end());
    return ended;
  }

  void completeGrowth() {
    Growth done = endGrowth();
    heap.completeGrowth(done);
    committed.set(done.firstBlock(), done.endBlock());
    addLive(done.start(), done.end());
  }

  void cancelGrowth() {
    heap.cancelGrowth(endGrowth());
  }

  void reserveGrowth() {
    Growth failed = endGrowth();
    IntRange range = heap.reserveGrowth(failed);
    committed.set(failed.firstBlock(), failed.endBlock());
    addReserved(range, failed.blocks());
  }

  private void addReserved(IntRange range, IntRange of) {
    int first = of.start() * blockGranules;
    require(range.start() == first || range.start() == first + 1, "reserved", range.start());
    require(range.end() == of.end() * blockGranules, "reserved up to", range.end());
    reserved.add(range);
    taken.set(range.start(), range.end());
  }

  /// Begins to decommit idle blocks, as far as they may be.
  void beginDecommit(int first, int end) {
    for (int block = first; block < end; block++) {
      require(isIdle(block), "not idle", block);
    }
    heap.coalesceBlocks(first, end);
    boolean pinned = heap.coalesceAndTestPinned(end - 1);
    require(pinned == isPinned(end - 1), "pinned: " + pinned, end - 1);
    IntRange range = new IntRange(first, pinned ? end - 1 : end);
    if (!range.isEmpty()) {
      heap.beginDecommit(range);
      committed.clear(range.start(), range.end());
      decommitting.add(range);
    }
  }

  private boolean isPinned(int block) {
    boolean joined =
        growth != null
            && growth.firstBlock() == block + 1
            && growth.blockCount() > 0
            && !growthPadded;
    return padding
        && (joined || (committed.get(block + 1) && taken.get((block + 1) * blockGranules)));
  }

  void completeDecommit(int index) {
    heap.completeDecommit(decommitting.remove(index));
  }

  void cancelDecommit(int index) {
    IntRange failed = decommitting.remove(index);
    IntRange range = heap.cancelDecommit(failed);
    committed.set(failed.start(), failed.end());
    addReserved(range, failed);
  }

  boolean isIdle(int block) {
    if (block < 0 || !committed.get(block)) {
      return false;
    }
    int next = taken.nextSetBit(block * blockGranules);
    return next == NONE || next >= (block + 1) * blockGranules;
  }

  int nextIdle(int from) {
    int block = committed.nextSetBit(from);
    while (block != NONE && !isIdle(block)) {
      block = committed.nextSetBit(block + 1);
    }
    return block;
  }

  int findLive(int granule) {
    int start = starts.previousSetBit(granule);
    return start != NONE && end(start) > granule ? start : NONE;
  }

  static void require(boolean condition, String fault, int at) {
    if (!condition) {
      throw new AssertionError(fault + ", at " + at);
    }
  }
}
