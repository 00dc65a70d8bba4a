// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Statistics;

/// The statistics of an allocator that a refused call must leave as they are.
public record Figures(
    long spanCount,
    long usedBytes,
    long reservedBytes,
    long addressSpaceBytes,
    long blockCount,
    long ownSpanCount,
    long ownUsedBytes,
    long peakSpanCount,
    long peakUsedBytes,
    long failureCount) {
  /// The figures of this moment.
  public static Figures of(JitAllocator allocator) {
    Statistics statistics = allocator.statistics();
    return new Figures(
        statistics.spanCount(),
        statistics.usedBytes(),
        statistics.reservedBytes(),
        statistics.addressSpaceBytes(),
        statistics.blockCount(),
        statistics.ownSpanCount(),
        statistics.ownUsedBytes(),
        statistics.peakSpanCount(),
        statistics.peakUsedBytes(),
        statistics.failureCount());
  }
}
