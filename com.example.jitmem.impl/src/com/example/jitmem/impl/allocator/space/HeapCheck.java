// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.Invariant.require;
import static com.example.jitmem.impl.allocator.space.Invariant.requireEqual;

import java.util.ArrayList;
import java.util.List;

/// Verifies one heap: that runs follow each other from the start to the end of every committed
/// part, that every tag is right, that the search finds what is free and nothing else, and that
/// blocks are counted and listed rightly.
///
/// An object serves one walk.
final class HeapCheck {
  private final GranuleAllocator granules;
  private final BoundaryTags tags;
  private final Blocks blocks;
  private final List<IntRange> live = new ArrayList<>();
  private final int[] occupied;
  private int pendingGranules;
  private int usedGranules;

  HeapCheck(GranuleAllocator granules, Blocks blocks) {
    this.granules = granules;
    this.blocks = blocks;
    tags = granules.tags();
    occupied = new int[blocks.count()];
  }

  /// Verifies the heap.
  ///
  /// @param changing whether a growth or a decommit is in progress
  /// @return the live spans
  List<IntRange> run(boolean changing) {
    checkRuns();
    checkBlocks(changing);
    return live;
  }

  private void checkRuns() {
    int lastEnd = 0;
    int block = nextComplete(0);
    while (block != BoundaryTags.NONE) {
      int end = block + 1;
      while (isComplete(end)) {
        end++;
      }
      walk(blocks.firstGranule(block), blocks.firstGranule(end));
      lastEnd = blocks.firstGranule(end);
      block = nextComplete(end);
    }
    requireEqual("the end of what is committed", granules.free().topEnd(), lastEnd);
    requireEqual("pending granules", granules.coalescer().pendingGranules(), pendingGranules);
    CoalescingQueue queue = granules.coalescer().queue();
    requireEqual("words with pending runs", queue.count(), queue.recount());
    requireEqual("granules in use", granules.usedGranules(), usedGranules);
    granules.free().index().check();
  }

  private boolean isComplete(int block) {
    return blocks.committed().contains(block) && !blocks.isGrowing(block);
  }

  private int nextComplete(int from) {
    int block = from;
    while (block < blocks.count() && !isComplete(block)) {
      block++;
    }
    return block < blocks.count() ? block : BoundaryTags.NONE;
  }

  private void walk(int from, int to) {
    int before = -1;
    for (int start = from; start < to; ) {
      require(tags.isStart(start), "no run starts at " + start);
      int end = tags.endOf(start);
      int kind = tags.kind(start);
      boolean wilderness = start == granules.free().top();
      require(end > start && end <= to, "a run ends wrongly at " + end + ", from " + start);
      int next = tags.next(start + 1);
      require(
          next == BoundaryTags.NONE || next >= end,
          "a run has a start inside: " + start + ".." + end + ", " + next);
      require(!wilderness || kind == BoundaryTags.LIVE, "the wilderness is marked wrongly");
      require(
          !wilderness || end == granules.free().topEnd(), "the wilderness ends wrongly at " + end);
      int seen = wilderness ? BoundaryTags.FREE : kind;
      require(
          seen != BoundaryTags.FREE || before != BoundaryTags.FREE, "free runs touch at " + start);
      before = seen;
      check(start, end, seen, wilderness);
      start = end;
    }
  }

  private void check(int start, int end, int kind, boolean wilderness) {
    switch (kind) {
      case BoundaryTags.LIVE -> {
        live.add(new IntRange(start, end));
        usedGranules += end - start;
        require(tags.findLive(end - 1) == start, "the start is not found from the end: " + start);
        require(tags.findLive((start + end) >>> 1) == start, "not found from inside: " + start);
        occupy(start, end);
      }
      case BoundaryTags.FREE ->
          require(
              wilderness || tags.startOf(end - 1) == start,
              "the start of a free run is not found: " + start);
      case BoundaryTags.PENDING -> {
        pendingGranules += end - start;
        require(tags.startOf(end - 1) == start, "the start of a pending run is not found");
        require(granules.remembers(start, end), "a pending run is forgotten: " + start);
      }
      default -> {
        if (blocks.isEdge(start) && blocks.committed().isPadded(blocks.at(start))) {
          require(end == start + 1, "padding ends wrongly at " + end);
        } else {
          occupy(start, end);
        }
      }
    }
  }

  private void occupy(int start, int end) {
    for (int granule = start; granule < end; ) {
      int block = blocks.at(granule);
      int to = Math.min(end, blocks.firstGranule(block + 1));
      occupied[block] += to - granule;
      granule = to;
    }
  }

  private void checkBlocks(boolean changing) {
    int committed = 0;
    for (int block = 0; block < blocks.count(); block++) {
      boolean absent = blocks.uncommitted().contains(block);
      if (!blocks.isGrowing(block)) {
        requireEqual(
            "granules in use of block " + block, blocks.occupancy().of(block), occupied[block]);
      }
      if (!blocks.committed().contains(block)) {
        require(absent || changing, "a block is neither committed nor absent: " + block);
        continue;
      }
      committed++;
      require(!absent, "a committed block is listed as absent: " + block);
      require(
          !blocks.isIdle(block) || blocks.nextIdle(block) == block,
          "a block without spans is not found: " + block);
      boolean first = !blocks.committed().contains(block - 1);
      require(
          changing || blocks.committed().isPadded(block) == (first && blocks.padding() > 0),
          "padding is wrong in block " + block);
    }
    require(changing || committed == blocks.committedCount(), "committed blocks are miscounted");
  }
}
