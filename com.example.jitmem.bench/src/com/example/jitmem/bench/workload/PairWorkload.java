// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.List;

/// Allocates a span and releases it, with no or a few other live spans.
final class PairWorkload implements Workload {
  private static final int BATCH = 10_000;

  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  PairWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    new SpanSet(allocator, setting.liveSpans()).fill(sequence);
  }

  @Override
  public List<Figure> round() {
    int batches = setting.repeats(BATCH);
    long start = System.nanoTime();
    for (int i = 0; i < batches; i++) {
      batch();
    }
    long nanos = System.nanoTime() - start;
    return List.of(Figure.nanos(setting.row("pair"), nanos, (long) batches * BATCH));
  }

  private void batch() {
    for (int i = 0; i < BATCH; i++) {
      allocator.alloc(sequence.size()).close();
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
