// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a [Script], as often as it takes to measure about as many operations as requested, and
/// releases between two runs what it left.
///
/// The worst case, a row with `-worst` behind its name, is the mean of those [#BATCH] operations in
/// succession that took longest.
final class ScriptWorkload implements Workload {
  /// The number of operations over which the worst case is amortised.
  static final int BATCH = 10_000;

  private static final int CHUNK = 500;
  private static final String QUERY = "query";

  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final @Nullable Span[] spans;
  private final long[] addresses;
  private final Sequence sequence = new Sequence(Sequence.SEED);
  private final List<Script.Step> steps;
  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private long found;

  ScriptWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new Span[setting.liveSpans()];
    addresses = new long[spans.length];
    steps = Script.parse(setting.variant(), spans.length, setting.operations(), sequence);
  }

  @Override
  public List<Figure> round() {
    meters.clear();
    int repeats = setting.repeats(spans.length);
    for (int i = 0; i < repeats; i++) {
      steps.forEach(this::run);
      releaseRest();
    }
    if (found < 0) {
      throw new IllegalStateException("Spans without a size were found");
    }
    List<Figure> figures = new ArrayList<>();
    meters.forEach(
        (row, meter) -> {
          String name = row.replace("!", "");
          figures.add(new Figure(name, "ns", meter.mean()));
          if (row.endsWith("!")) {
            figures.add(new Figure(name + "-worst", "ns", meter.worst()));
          }
        });
    return figures;
  }

  private void run(Script.Step step) {
    int[] order = step.order();
    if (!step.isMeasured()) {
      run(step, 0, order.length);
      return;
    }
    if (step.operation().equals(QUERY)) {
      noteAddresses();
    }
    Meter meter = meters.computeIfAbsent(step.row(), row -> new Meter());
    for (int from = 0; from < order.length; from += BATCH) {
      int to = Math.min(order.length, from + BATCH);
      long start = Clock.now();
      run(step, from, to);
      meter.add(Clock.now() - start, to - from);
    }
  }

  private void run(Script.Step step, int from, int to) {
    for (int chunk = from; chunk < to; chunk += CHUNK) {
      int end = Math.min(to, chunk + CHUNK);
      switch (step.operation()) {
        case "alloc" -> alloc(step, chunk, end);
        case "release" -> release(step, chunk, end);
        case QUERY -> query(step, chunk, end);
        case "shrink" -> shrink(step, chunk, end);
        default -> throw new IllegalArgumentException("No such operation: " + step.operation());
      }
    }
  }

  private void alloc(Script.Step step, int from, int to) {
    int[] order = step.order();
    for (int i = from; i < to; i++) {
      spans[order[i]] = allocator.alloc(step.size(order[i], sequence));
    }
  }

  private void release(Script.Step step, int from, int to) {
    int[] order = step.order();
    for (int i = from; i < to; i++) {
      span(order[i]).close();
      spans[order[i]] = null;
    }
  }

  private void query(Script.Step step, int from, int to) {
    int[] order = step.order();
    for (int i = from; i < to; i++) {
      MemorySegment address = MemorySegment.ofAddress(addresses[order[i]]);
      found += allocator.query(address).orElseThrow().byteSize();
    }
  }

  private void shrink(Script.Step step, int from, int to) {
    int[] order = step.order();
    for (int i = from; i < to; i++) {
      allocator.shrink(span(order[i]), step.size(order[i], sequence));
    }
  }

  /// A lookup needs an address that is held somewhere.
  private void noteAddresses() {
    for (int i = 0; i < spans.length; i++) {
      addresses[i] = span(i).rx().address();
    }
  }

  private Span span(int index) {
    Span span = spans[index];
    if (span == null) {
      throw new IllegalStateException("The script uses a span it did not allocate: " + index);
    }
    return span;
  }

  private void releaseRest() {
    for (int i = 0; i < spans.length; i++) {
      Span span = spans[i];
      if (span != null) {
        span.close();
        spans[i] = null;
      }
    }
  }

  @Override
  public void close() {
    allocator.close();
  }

  /// Adds times up, in batches.
  private static final class Meter {
    private long nanos;
    private long operations;
    private long batchNanos;
    private int batchOperations;
    private double worst;

    void add(long newNanos, int newOperations) {
      nanos += newNanos;
      operations += newOperations;
      batchNanos += newNanos;
      batchOperations += newOperations;
      if (batchOperations >= BATCH) {
        worst = Math.max(worst, (double) batchNanos / batchOperations);
        batchNanos = 0;
        batchOperations = 0;
      }
    }

    double mean() {
      return (double) nanos / operations;
    }

    /// The mean of the slowest batch; of all operations if they were too few for one batch.
    double worst() {
      return worst == 0 ? mean() : worst;
    }
  }
}
