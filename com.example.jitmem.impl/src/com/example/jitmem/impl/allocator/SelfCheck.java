// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// A walk over all tables of an allocator that verifies what must always hold. Takes time in
/// proportion to the memory; for tests and for people who look for a fault.
final class SelfCheck {
  private final SpanCore core;
  private final Map<ViewAccount, long[]> usage = new HashMap<>();
  private long spans;
  private long usedBytes;
  private long reservedBytes;
  private int regions;

  private SelfCheck(SpanCore core) {
    this.core = core;
  }

  /// Verifies an allocator between two operations.
  ///
  /// @throws IllegalStateException naming the first thing that is wrong
  static void of(SpanCore core) {
    core.lock.lock();
    try {
      new SelfCheck(core).run();
    } finally {
      core.lock.unlock();
    }
  }

  private void run() {
    for (Generation generation : core.generations.values()) {
      require(
          generation == core.current() || !generation.isOver() || generation.growths > 0,
          "a former generation is over and still known: " + generation.requested);
      for (Pool pool : generation.pools) {
        for (Region region : pool.regions) {
          check(pool, region);
        }
      }
    }
    Counters counters = core.counters;
    requireEqual("live spans", counters.spans, spans);
    requireEqual("used bytes", counters.usedBytes, usedBytes);
    requireEqual("reserved bytes", counters.reservedBytes, reservedBytes);
    requireEqual("regions by address", core.regionCount(), regions);
    requireEqual("views with spans", core.holders.size(), usage.size());
    usage.forEach(
        (account, found) -> {
          requireEqual("spans of " + account.owner, account.spanCount, found[0]);
          requireEqual("bytes of " + account.owner, account.usedBytes, found[1]);
          requireEqual("spans with an arena of " + account.owner, account.scopedCount, found[2]);
          require(core.holders.contains(account), "a view with spans is not listed");
        });
  }

  private void check(Pool pool, Region region) {
    require(!region.gone, "a released region is in its pool");
    require(core.isKnown(region), "a region is not found by its address");
    regions++;
    reservedBytes += region.committedBytes();
    region.memory.granules().check();
    region.memory.absent().check();
    BitSet taken = new BitSet();
    checkSpans(region, taken);
    checkFree(region, taken);
    checkBlocks(pool, region, taken);
    require(region.held >= region.spans.count(), "fewer spans are held than live");
    require(
        region.held > 0 || region.busy > 0 || region.memory.committedBlocks() > 0,
        "a region holds nothing");
  }

  private void checkSpans(Region region, BitSet taken) {
    int found = 0;
    for (SpanRecord span = region.spans.next(0);
        span != null;
        span = region.spans.next(span.start + 1)) {
      found++;
      int end = span.start + span.held;
      require(span.isLive(), "an ended span is listed: " + span);
      require(span.granules() > 0 && span.granules() <= span.held, "wrong size: " + span);
      require(taken.get(span.start, end).isEmpty(), "spans overlap: " + span);
      taken.set(span.start, end);
      require(region.spans.find(span.start + span.granules() - 1) == span, "not found: " + span);
      checkReadable(region, span, end);
      spans++;
      usedBytes += span.byteSize();
      long[] own = usage.computeIfAbsent(span.account(), account -> new long[3]);
      own[0]++;
      own[1] += span.byteSize();
      own[2] += span.owner instanceof ArenaSpans ? 1 : 0;
    }
    requireEqual("spans of a region", region.spans.count(), found);
  }

  private void checkReadable(Region region, SpanRecord span, int end) {
    int blockGranules = region.memory.blockGranules();
    int before = region.pool.padding() ? span.start - 1 : span.start;
    require(before >= 0, "nothing before " + span);
    for (int block = before / blockGranules; block * blockGranules < end; block++) {
      require(region.memory.isCommitted(block), "not committed around " + span);
    }
  }

  private void checkFree(Region region, BitSet taken) {
    FreeRuns granules = region.memory.granules();
    for (int start = granules.next(0); start != FreeRuns.NONE; ) {
      int end = granules.endOf(start);
      require(taken.get(start, end).isEmpty(), "free granules belong to a span: " + start);
      taken.set(start, end);
      start = granules.next(end);
    }
    for (UnitRange range : region.unfilled) {
      require(taken.get(range.start(), range.end()).isEmpty(), "unfilled granules are in use");
      taken.set(range.start(), range.end());
    }
  }

  private void checkBlocks(Pool pool, Region region, BitSet taken) {
    RegionMemory memory = region.memory;
    int committed = 0;
    int size = memory.blockGranules();
    for (int block = 0; block < memory.blocks(); block++) {
      int start = block * size;
      boolean absent = memory.absent().startOf(block) != FreeRuns.NONE;
      if (!memory.isCommitted(block)) {
        require(absent || region.busy > 0, "a block belongs to nobody: " + block);
        require(taken.get(start, start + size).isEmpty(), "memory is not committed: " + block);
        continue;
      }
      committed++;
      require(!absent, "a committed block is listed as absent: " + block);
      boolean first = block == 0 || !memory.isCommitted(block - 1);
      require(
          region.busy > 0 || memory.isPadded(block) == (first && pool.padding()),
          "padding is wrong in block " + block);
      if (memory.isPadded(block)) {
        require(!taken.get(start), "padding is in use in block " + block);
        taken.set(start);
      }
      boolean settled = region.busy == 0 && region.held == region.spans.count();
      require(
          !settled || taken.get(start, start + size).cardinality() == size,
          "granules belong to nobody in block " + block);
      checkEmpty(pool, region, block);
    }
    require(
        region.busy > 0 || committed == memory.committedBlocks(),
        "committed blocks are miscounted");
  }

  private void checkEmpty(Pool pool, Region region, int block) {
    RegionMemory memory = region.memory;
    UnitRange empty = memory.emptyBlocks((block + 1) * memory.blockGranules() - 1);
    boolean isEmpty = block >= empty.start() && block < empty.end();
    require(
        !isEmpty
            || pool.isKept(region, block)
            || memory.isPinned(block)
            || region.decommitRefused
            || region.busy > 0,
        "an empty block stays committed: " + block);
    require(isEmpty || !pool.isKept(region, block), "the kept block is not empty: " + block);
  }

  private static void requireEqual(String what, long counted, long found) {
    require(counted == found, what + ": counted " + counted + ", found " + found);
  }

  private static void require(boolean condition, String fault) {
    if (!condition) {
      throw new IllegalStateException("The allocator's tables are wrong: " + fault);
    }
  }
}
