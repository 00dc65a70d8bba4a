// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.ArrayList;
import java.util.List;

/// Fills an empty allocator that lived before, and releases everything in order of allocation, in
/// the opposite order, and in random order.
final class FillWorkload implements Workload {
  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final Sequence sequence = new Sequence(Sequence.SEED);
  private long fillNanos;

  FillWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
  }

  @Override
  public List<Figure> round() {
    int count = spans.count();
    int repeats = setting.repeats(count);
    long operations = (long) repeats * count;
    fillNanos = 0;
    List<Figure> releases = new ArrayList<>();
    for (Order order : Order.values()) {
      long nanos = 0;
      for (int i = 0; i < repeats; i++) {
        nanos += fillAndRelease(order.indices(count, sequence));
      }
      releases.add(Figure.nanos(setting.row("release-" + order.label()), nanos, operations));
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.nanos(setting.row("fill"), fillNanos, operations * Order.values().length));
    figures.addAll(releases);
    return figures;
  }

  private long fillAndRelease(int[] order) {
    long start = Clock.now();
    spans.fill(sequence);
    long filled = Clock.now();
    spans.release(order);
    fillNanos += filled - start;
    return Clock.now() - filled;
  }

  @Override
  public void close() {
    allocator.close();
  }
}
