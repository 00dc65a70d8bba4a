// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Statistics;
import java.util.Arrays;
import java.util.List;

/// Keeps a number of spans live while random ones are replaced: the mean, the distribution of the
/// times of single operations, and the memory it takes after that.
///
/// Mean and distribution are measured one after the other, because reading the clock for each
/// operation costs about as much as some operations do.
final class ChurnWorkload implements Workload {
  /// How many spans are replaced before the first round. What AsmJit pays grows for a long time.
  private static final int PREPARATION = 150_000;

  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final Sequence sequence = new Sequence(Sequence.SEED);
  private final long[] nanos;

  ChurnWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
    nanos = new long[setting.operations()];
    spans.fill(sequence);
    spans.churn(sequence, PREPARATION);
  }

  @Override
  public List<Figure> round() {
    int operations = setting.operations();
    long start = Clock.now();
    spans.churn(sequence, operations);
    long churned = Clock.now();
    spans.churn(sequence, nanos);
    Arrays.sort(nanos);
    Statistics statistics = allocator.statistics();
    return List.of(
        Figure.nanos(setting.row("churn"), churned - start, operations),
        percentile("churn-p50", 0.5),
        percentile("churn-p99", 0.99),
        percentile("churn-max", 1),
        new Figure(setting.row("used-reserved"), "ratio", statistics.usedRatio()),
        new Figure(
            setting.row("metadata-used"),
            "percent",
            100.0 * statistics.metadataBytes() / statistics.usedBytes()));
  }

  private Figure percentile(String name, double part) {
    int index = Math.min(nanos.length - 1, (int) (nanos.length * part));
    return new Figure(setting.row(name), "ns", nanos[index]);
  }

  @Override
  public void close() {
    allocator.close();
  }
}
