// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.space.Invariant.require;
import static com.example.jitmem.impl.allocator.space.Invariant.requireEqual;

import com.example.jitmem.impl.allocator.space.IntRange;
import java.util.HashMap;
import java.util.List;
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
    core.lock();
    try {
      new SelfCheck(core).run();
    } finally {
      core.unlock();
    }
  }

  private void run() {
    for (Generation generation : core.generations.all()) {
      require(
          generation == core.generations.current()
              || !generation.isOver()
              || generation.isGrowing(),
          "a former generation is over and still known: " + generation.requested);
      for (Pool pool : generation.pools()) {
        for (Region region : pool.regions()) {
          check(region);
        }
        int blocks = pool.regions().stream().mapToInt(r -> r.heap().committedBlocks()).sum();
        pool.policy().check(blocks);
      }
    }
    Counters counters = core.counters;
    requireEqual("live spans", counters.spans, spans);
    requireEqual("used bytes", counters.usedBytes, usedBytes);
    requireEqual("reserved bytes", counters.reservedBytes, reservedBytes);
    requireEqual("regions by address", core.regions.size(), regions);
    requireEqual("views with spans", core.accounts.holdings().size(), usage.size());
    usage.forEach(
        (account, found) -> {
          requireEqual("spans of " + account.owner, account.spanCount, found[0]);
          requireEqual("bytes of " + account.owner, account.usedBytes, found[1]);
          requireEqual("bound spans of " + account.owner, account.boundCount, found[2]);
          require(core.accounts.at(account.number) == account, "a view with spans is not listed");
        });
  }

  private void check(Region region) {
    require(!region.isUnlinked(), "a released region is in its pool");
    require(core.regions.contains(region), "a region is not found by its address");
    require(core.regions.at(region.ordinal()) == region, "a region is not found by its number");
    regions++;
    reservedBytes += region.committedBytes();
    List<IntRange> live = region.heap().check(region.isChanging());
    checkSpans(region, live);
    require(region.held() >= live.size(), "fewer spans are held than live");
    require(
        region.held() > 0 || region.isChanging() || region.heap().committedBlocks() > 0,
        "a region holds nothing");
  }

  private void checkSpans(Region region, List<IntRange> live) {
    int records = 0;
    for (IntRange span : live) {
      ViewAccount account = core.owner(region, span.start());
      SpanRecord record = region.records().find(span.start());
      records += record == null ? 0 : 1;
      require(
          record == null || (record.isLive() && record.account == account),
          "a record is wrong: " + span);
      checkReadable(region, span);
      spans++;
      usedBytes += region.bytes(span.count());
      long[] own = usage.computeIfAbsent(account, ignored -> new long[3]);
      own[0]++;
      own[1] += region.bytes(span.count());
      own[2] += record != null && record.isBound() ? 1 : 0;
    }
    requireEqual("records", region.records().count(), records);
  }

  private void checkReadable(Region region, IntRange span) {
    int blockGranules = region.heap().blockGranules();
    int before = region.pool().padding() ? span.start() - 1 : span.start();
    require(before >= 0, "nothing before " + span);
    for (int block = before / blockGranules; block * blockGranules < span.end(); block++) {
      require(region.heap().isCommitted(block), "not committed around " + span);
    }
  }
}
