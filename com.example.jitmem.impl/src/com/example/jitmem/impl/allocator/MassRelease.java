// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.ResetPolicy;
import java.util.Arrays;
import java.util.List;

/// Ends many spans at once: those of a view, or all there are.
///
/// @param core where the spans are
record MassRelease(SpanCore core) {
  /// Ends the spans of a view that their caller would close.
  ///
  /// @throws IllegalStateException if a span of the view has an arena
  void reset(ViewAccount account, ResetPolicy policy) {
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock.lock();
    try {
      checkNoneScoped(account);
      endEach(account, reclaimer);
    } finally {
      core.lock.unlock();
    }
    reclaimer.run();
    if (policy == ResetPolicy.HARD) {
      core.purger.giveBack(
          work ->
              List.copyOf(core.generations.values()).forEach(generation -> generation.trim(work)));
    }
  }

  /// Ends the allocator for new spans. Regions go with their last span.
  ///
  /// @return false if it had ended before
  boolean retire() {
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock.lock();
    try {
      if (core.retired) {
        return false;
      }
      core.retired = true;
      List.copyOf(core.generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      core.lock.unlock();
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
    core.lock.lock();
    try {
      checkNoneScoped(account);
      core.retired = true;
      for (Region region : core.regions.all()) {
        if (region.nextLive(0) != WordTable.NONE) {
          region.pool.forget(region);
          endEach(region, account, reclaimer);
        }
      }
      List.copyOf(core.generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      core.lock.unlock();
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

  private void endEach(ViewAccount account, Reclaimer reclaimer) {
    Arrays.stream(core.regions.all()).forEach(region -> endEach(region, account, reclaimer));
  }

  private void endEach(Region region, ViewAccount account, Reclaimer reclaimer) {
    for (int start = region.nextLive(0);
        start != WordTable.NONE && account.spanCount > 0;
        start = region.nextLive(start + 1)) {
      if (core.owner(region, start) == account) {
        core.endUnknown(region, start, reclaimer);
      }
    }
  }
}
