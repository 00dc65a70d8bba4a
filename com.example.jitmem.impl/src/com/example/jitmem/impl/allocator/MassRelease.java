// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Ends many spans at once: those of a view, those of an arena, or all there are.
///
/// @param core where the spans are
record MassRelease(SpanCore core) {
  /// How many spans are looked at while others wait for the lock.
  private static final int BATCH = 1_000;

  /// Ends the spans of a view that their caller would close.
  ///
  /// @throws IllegalStateException if a span of the view has an arena
  void reset(ViewAccount account, ResetPolicy policy) {
    core.lock();
    try {
      checkNoneScoped(account);
    } finally {
      core.unlock();
    }
    for (Region region : core.regions.all()) {
      int next = 0;
      while (next != RegionHeap.NONE) {
        next = endSome(region, next, account);
      }
    }
    if (policy == ResetPolicy.HARD) {
      // In parts, so that little is left to do in one go
      core.purger.purgeNow();
      core.purger.giveBack(
          work ->
              List.copyOf(core.generations.values()).forEach(generation -> generation.trim(work)));
    }
  }

  /// Ends some spans, so that others need not wait for all.
  ///
  /// @return where to go on, [RegionHeap#NONE] if there are no more
  private int endSome(Region region, int from, ViewAccount account) {
    Reclaimer reclaimer = new Reclaimer(core);
    int next;
    core.lock();
    try {
      next = region.gone ? RegionHeap.NONE : endEach(region, from, account, BATCH, reclaimer);
    } finally {
      core.unlock();
    }
    reclaimer.run();
    return next;
  }

  /// Ends the spans of an arena that has ended.
  void endAll(ArenaSpans spans) {
    core.lock();
    try {
      spans.end();
      MemorySegment.Scope scope = spans.scope();
      if (scope != null) {
        spans.account().scoped.remove(scope, spans);
      }
    } finally {
      core.unlock();
    }
    boolean more = true;
    while (more) {
      more = endSome(spans);
    }
    spans.leave();
  }

  /// Ends some of them.
  ///
  /// @return whether there are more
  private boolean endSome(ArenaSpans spans) {
    Reclaimer reclaimer = new Reclaimer(core);
    SpanRecord span;
    core.lock();
    try {
      span = spans.first();
      for (int i = 0; i < BATCH && span != null; i++) {
        core.end(span.region, span.start, reclaimer);
        span = spans.first();
      }
    } finally {
      core.unlock();
    }
    reclaimer.run();
    return span != null;
  }

  /// Ends the allocator for new spans. Regions go with their last span.
  ///
  /// @return false if it had ended before
  boolean retire() {
    // As for a hard reset
    core.purger.purgeNow();
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      if (core.retired) {
        return false;
      }
      core.retired = true;
      core.collect(reclaimer);
      List.copyOf(core.generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      core.unlock();
    }
    reclaimer.run();
    return true;
  }

  /// Ends the allocator of a single view with all its spans. Regions in which spans were live stay
  /// mapped as long as there are shares in the mappings.
  ///
  /// @throws IllegalStateException if a span has an arena
  void close(ViewAccount account) {
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      checkNoneScoped(account);
      core.retired = true;
      for (Region region : core.regions.all()) {
        if (region.nextLive(0) != RegionHeap.NONE) {
          region.pool.forget(region);
          endEach(region, 0, account, Integer.MAX_VALUE, reclaimer);
        }
      }
      core.collect(reclaimer);
      List.copyOf(core.generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      core.unlock();
    }
    reclaimer.run();
  }

  private static void checkNoneScoped(ViewAccount account) {
    if (account.scopedCount > 0) {
      throw new IllegalStateException(
          account.scopedCount
              + " spans of "
              + account.owner
              + " have an arena that ends them: close the arenas, groups and protected functions"
              + " first");
    }
  }

  /// Ends spans that their caller would close, without the lock being given back.
  ///
  /// @return where the first span lies that was not looked at, [RegionHeap#NONE] if there is none
  private int endEach(Region region, int from, ViewAccount account, int most, Reclaimer reclaimer) {
    int left = most;
    int start = region.nextLive(from);
    while (start != RegionHeap.NONE && left > 0 && account.spanCount > 0) {
      SpanRecord record = region.records.find(start);
      if (core.owner(region, start) == account && (record == null || record.group == null)) {
        core.endUnknown(region, start, reclaimer);
      }
      left--;
      start = region.nextLive(start + 1);
    }
    return account.spanCount > 0 ? start : RegionHeap.NONE;
  }
}
