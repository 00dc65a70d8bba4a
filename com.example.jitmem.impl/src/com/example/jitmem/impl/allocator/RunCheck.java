// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.SelfCheck.require;
import static com.example.jitmem.impl.allocator.SelfCheck.requireEqual;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Verifies the runs of one region: that they follow each other from the start to the end of every
/// committed part, that every tag is right, and that the search finds what is free and nothing
/// else.
final class RunCheck {
  private final Region region;
  private final RegionMemory memory;
  private final GranuleRuns granules;
  private final WordTable words;
  private final List<UnitRange> live = new ArrayList<>();
  private final Map<Integer, Integer> occupied = new HashMap<>();
  private int pendingGranules;
  private int usedGranules;

  RunCheck(Region region) {
    this.region = region;
    memory = region.memory;
    granules = memory.granules();
    words = granules.words();
  }

  /// The live spans, after [#run].
  List<UnitRange> live() {
    return live;
  }

  void run() {
    int block = memory.nextCommitted(0);
    int lastEnd = 0;
    while (block != RegionMemory.NONE) {
      if (memory.isGrowing(block)) {
        block = memory.nextCommitted(block + 1);
        continue;
      }
      int end = block + 1;
      while (end < memory.blocks() && memory.isCommitted(end) && !memory.isGrowing(end)) {
        end++;
      }
      walk(memory.firstGranule(block), memory.firstGranule(end));
      lastEnd = memory.firstGranule(end);
      block = end < memory.blocks() ? memory.nextCommitted(end) : RegionMemory.NONE;
    }
    requireEqual("the end of what is committed", granules.free().topEnd(), lastEnd);
    requireEqual("pending granules", granules.coalescer().pendingGranules(), pendingGranules);
    PendingWords queue = granules.coalescer().queue();
    requireEqual("words with pending runs", queue.count(), queue.recount());
    requireEqual("granules in use", granules.usedGranules(), usedGranules);
    granules.free().index().check();
    checkOccupied();
  }

  private void walk(int from, int to) {
    int before = -1;
    for (int start = from; start < to; ) {
      require(words.isStart(start), "no run starts at " + start);
      int end = words.endOf(start);
      int kind = words.kind(start);
      boolean wilderness = start == granules.free().top();
      require(end > start && end <= to, "a run ends wrongly at " + end + ", from " + start);
      require(
          words.next(start + 1) == end || end == to,
          "a run has a start inside: " + start + ".." + end + ", " + words.next(start + 1));
      require(!wilderness || kind == WordTable.LIVE, "the wilderness is marked wrongly");
      require(
          !wilderness || end == granules.free().topEnd(), "the wilderness ends wrongly at " + end);
      boolean free = wilderness || kind == WordTable.FREE;
      require(!free || before != WordTable.FREE, "free runs touch at " + start);
      before = free ? WordTable.FREE : kind;
      check(start, end, wilderness ? WordTable.FREE : kind, wilderness);
      start = end;
    }
  }

  private void check(int start, int end, int kind, boolean wilderness) {
    switch (kind) {
      case WordTable.LIVE -> {
        live.add(new UnitRange(start, end));
        usedGranules += end - start;
        require(words.findLive(end - 1) == start, "the start is not found from the end: " + start);
        require(words.findLive((start + end) >>> 1) == start, "not found from inside: " + start);
        occupy(start, end);
      }
      case WordTable.FREE ->
          require(
              wilderness || words.startOf(end - 1) == start,
              "the start of a free run is not found: " + start);
      case WordTable.PENDING -> {
        pendingGranules += end - start;
        require(words.startOf(end - 1) == start, "the start of a pending run is not found");
        require(granules.remembers(start, end), "a pending run is forgotten: " + start);
      }
      default -> {
        boolean padding =
            end == start + 1
                && start % memory.blockGranules() == 0
                && memory.isPadded(start / memory.blockGranules());
        if (!padding) {
          occupy(start, end);
        }
      }
    }
  }

  private void occupy(int start, int end) {
    for (int granule = start; granule < end; ) {
      int block = granule / memory.blockGranules();
      int to = Math.min(end, memory.firstGranule(block + 1));
      occupied.merge(block, to - granule, Integer::sum);
      granule = to;
    }
  }

  private void checkOccupied() {
    for (int block = 0; block < memory.blocks(); block++) {
      if (!memory.isGrowing(block)) {
        requireEqual(
            "granules in use of block " + block,
            memory.occupancy().of(block),
            occupied.getOrDefault(block, 0));
      }
    }
    require(!region.gone, "a released region is checked");
  }
}
