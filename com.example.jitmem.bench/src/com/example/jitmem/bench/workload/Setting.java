// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.ServiceLoader;

/// What a workload is told.
///
/// @param liveSpans the number of live spans
/// @param operations about how many operations a round measures
/// @param variant what distinguishes workloads of one kind; each says what it means
record Setting(int liveSpans, int operations, String variant) {
  private static final String FILL_UNUSED = "fill-unused";
  private static final String MULTIPLE_POOLS = "multiple-pools";

  /// How often something with `each` operations is repeated in a round.
  int repeats(int each) {
    return Math.max(1, operations / Math.max(1, each));
  }

  /// An allocator with the default parameters, and the option that [#variant()] names, if any.
  OwnedJitAllocator allocator() {
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults();
    return ServiceLoader.load(JitAllocatorFactory.class)
        .findFirst()
        .orElseThrow()
        .create(
            switch (variant) {
              case FILL_UNUSED -> parameters.with(JitAllocatorOption.FILL_UNUSED_MEMORY);
              case MULTIPLE_POOLS -> parameters.with(JitAllocatorOption.USE_MULTIPLE_POOLS);
              default -> parameters;
            });
  }

  /// The name of a row: that of a figure, and the option.
  String row(String figure) {
    return switch (variant) {
      case FILL_UNUSED, MULTIPLE_POOLS -> figure + "-" + variant;
      default -> figure;
    };
  }
}
