// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Statistics;

/// The figures of an allocator that a method without effect leaves as they are.
record Figures(
    long spanCount, long usedBytes, long ownSpanCount, long ownUsedBytes, long peakSpanCount) {
  static Figures of(JitAllocator allocator) {
    Statistics statistics = allocator.statistics();
    return new Figures(
        statistics.spanCount(),
        statistics.usedBytes(),
        statistics.ownSpanCount(),
        statistics.ownUsedBytes(),
        statistics.peakSpanCount());
  }
}
