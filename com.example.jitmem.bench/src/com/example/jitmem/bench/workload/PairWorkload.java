// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.List;

/// Allocates a span and releases it, with no or a few other live spans.
final class PairWorkload implements Workload {
  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  PairWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
    spans.fill(sequence);
  }

  @Override
  public List<Figure> round() {
    int operations = setting.operations();
    long start = Clock.now();
    spans.pairs(sequence, operations);
    return List.of(Figure.nanos(setting.row("pair"), Clock.now() - start, operations));
  }

  @Override
  public void close() {
    allocator.close();
  }
}
