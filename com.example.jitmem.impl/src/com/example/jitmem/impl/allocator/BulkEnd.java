// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.impl.allocator.space.RegionHeap;

/// Ends many spans at once: those of a view, those of an arena, or all.
///
/// @param core where the spans are
/// @param purger decommits empty memory
record BulkEnd(SpanCore core, Purger purger) {
  /// How many spans are visited while others wait for the lock.
  private static final int BATCH = 1_000;

  /// Ends the spans of a view.
  ///
  /// @throws IllegalStateException if an arena or a guard has to end one of them
  void reset(ViewAccount account, ResetPolicy policy) {
    core.lock();
    try {
      checkNoneBound(account);
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
      purger.purgeNow();
      purger.giveBack(this::decommitAll);
    }
  }

  private void decommitAll(DeferredWork work) {
    for (Generation generation : core.generations.all()) {
      core.decommitter.decommitAll(generation, work);
    }
  }

  /// Ends some spans, so that others can take the lock in between.
  ///
  /// @return where to go on, [RegionHeap#NONE] if there are no more
  private int endSome(Region region, int from, ViewAccount account) {
    return Reclaimer.call(
        core,
        work ->
            region.isUnlinked() ? RegionHeap.NONE : endEach(region, from, account, BATCH, work));
  }

  /// Ends the spans of an arena that has ended.
  static void endAll(SpanCore core, ArenaSpans spans) {
    core.lock();
    try {
      spans.end();
    } finally {
      core.unlock();
    }
    boolean more = true;
    while (more) {
      more = Reclaimer.call(core, work -> endSome(core, spans, work));
    }
    spans.leave();
  }

  /// Ends some of them.
  ///
  /// @return whether there are more
  private static boolean endSome(SpanCore core, ArenaSpans spans, DeferredWork work) {
    SpanRecord span = spans.first();
    for (int i = 0; i < BATCH && span != null; i++) {
      core.end(core.regionAt(span.place), span.start(), work);
      span = spans.first();
    }
    return span != null;
  }

  /// Refuses new spans from now on. Each region is unmapped with its last span.
  ///
  /// @return false if it had ended before
  boolean retire() {
    // As for a hard reset
    purger.purgeNow();
    boolean first =
        Reclaimer.call(
            core,
            work -> {
              if (core.generations.isRetired()) {
                return false;
              }
              core.generations.retire();
              core.collectWritten(work);
              if (core.writers.hasLeftBehind()) {
                work.awaitWriters();
              }
              decommitAll(work);
              return true;
            });
    purger.stop();
    Reclaimer.logHeldBack();
    return first;
  }

  /// Ends the allocator of a single view with all its spans. Regions in which spans were live stay
  /// mapped as long as there are shares in the mappings.
  ///
  /// @throws IllegalStateException if an arena or a guard has to end a span
  void close(ViewAccount account) {
    Reclaimer.run(
        core,
        work -> {
          checkNoneBound(account);
          core.generations.retire();
          for (Region region : core.regions.all()) {
            if (region.heap().nextLive(0) != RegionHeap.NONE) {
              core.decommitter.unlink(region);
              endEach(region, 0, account, Integer.MAX_VALUE, work);
            }
          }
          core.collectWritten(work);
          decommitAll(work);
        });
    core.guards.close();
    purger.stop();
    Reclaimer.logHeldBack();
  }

  private static void checkNoneBound(ViewAccount account) {
    if (account.boundCount > 0) {
      throw new IllegalStateException(
          account.boundCount
              + " spans of "
              + account.owner
              + " belong to arenas, groups or protected functions: close these"
              + " first. In a try-with-resources statement declare the allocator before them");
    }
  }

  /// Ends spans that are not bound, without releasing the lock.
  ///
  /// @return the start of the first span that was not visited, [RegionHeap#NONE] if there is none
  private int endEach(Region region, int from, ViewAccount account, int most, DeferredWork work) {
    int left = most;
    int start = region.heap().nextLive(from);
    while (start != RegionHeap.NONE && left > 0 && account.spanCount > 0) {
      SpanRecord record = region.records().find(start);
      if (core.owner(region, start) == account && (record == null || !record.isBound())) {
        core.endUnobserved(region, start, work);
      }
      left--;
      start = region.heap().nextLive(start + 1);
    }
    return account.spanCount > 0 ? start : RegionHeap.NONE;
  }
}
