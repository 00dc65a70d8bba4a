// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.List;

/// Looks random spans up by their addresses, in an allocator in which spans were replaced before.
final class QueryWorkload implements Workload {
  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final long[] addresses;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  QueryWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
    spans.fill(sequence);
    spans.churn(sequence, setting.operations());
    addresses = spans.addresses();
  }

  @Override
  public List<Figure> round() {
    int operations = setting.operations();
    long start = Clock.now();
    long sum = spans.query(addresses, sequence, operations);
    long queried = Clock.now();
    if (sum <= 0) {
      throw new IllegalStateException("Spans without a size were found");
    }
    return List.of(Figure.nanos(setting.row("query"), queried - start, operations));
  }

  @Override
  public void close() {
    allocator.close();
  }
}
