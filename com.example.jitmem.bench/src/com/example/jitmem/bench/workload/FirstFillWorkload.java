// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.List;

/// Fills allocators that were just made, so that all of their memory comes from the system.
final class FirstFillWorkload implements Workload {
  private final Setting setting;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  FirstFillWorkload(Setting setting) {
    this.setting = setting;
  }

  @Override
  public List<Figure> round() {
    int repeats = setting.repeats(setting.liveSpans());
    long nanos = 0;
    for (int i = 0; i < repeats; i++) {
      try (OwnedJitAllocator allocator = setting.allocator()) {
        SpanSet spans = new SpanSet(allocator, setting.liveSpans());
        long start = Clock.now();
        spans.fill(sequence);
        nanos += Clock.now() - start;
      }
    }
    return List.of(Figure.nanos("fill-new", nanos, (long) repeats * setting.liveSpans()));
  }

  @Override
  public void close() {}
}
