// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Statistics;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Figures of one moment.
record StatisticsSnapshot(
    long spanCount,
    long usedBytes,
    long reservedBytes,
    long addressSpaceBytes,
    long drainingBytes,
    long metadataBytes,
    long largePageBytes,
    long blockCount,
    long peakSpanCount,
    long peakUsedBytes,
    long peakReservedBytes,
    long failureCount,
    long ownSpanCount,
    long ownUsedBytes)
    implements Statistics {

  /// Takes the figures.
  ///
  /// @param account the view that asks, null if no own figures are wanted
  static Statistics of(SpanCore core, Purger purger, @Nullable ViewAccount account) {
    // Memory that is due to be decommitted counts as decommitted
    purger.purgeNow();
    // Asks the system, which takes long, so without a lock
    long measured =
        Arrays.stream(core.regions.all()).mapToLong(region -> region.code().largePageBytes()).sum();
    core.lock();
    try {
      long addressSpace = 0;
      long draining = 0;
      long metadata = 0;
      long blocks = 0;
      for (Generation generation : core.generations.all()) {
        for (Pool pool : generation.pools()) {
          for (Region region : pool.regions()) {
            addressSpace += region.code().addressSpaceBytes();
            metadata += region.metadataBytes();
            blocks += region.heap().committedBlocks();
            draining += generation.isDraining() ? region.committedBytes() : 0;
          }
        }
      }
      Counters counters = core.counters;
      long largePages = Math.min(measured, counters.reservedBytes);
      return new StatisticsSnapshot(
          counters.spans,
          counters.usedBytes,
          counters.reservedBytes,
          addressSpace,
          draining,
          metadata,
          largePages,
          blocks,
          counters.peakSpans,
          counters.peakUsedBytes,
          counters.peakReservedBytes,
          counters.failures,
          account == null ? 0 : account.spanCount,
          account == null ? 0 : account.usedBytes);
    } finally {
      core.unlock();
    }
  }
}
