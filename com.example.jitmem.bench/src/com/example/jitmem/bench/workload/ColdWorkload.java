// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.List;

/// What a fresh process pays: making an allocator and its first span, and the next thousand
/// operations. Has one round.
final class ColdWorkload implements Workload {
  private static final int SPANS = 500;
  private static final int REPLACEMENTS = 250;

  private final long firstNanos;
  private final OwnedJitAllocator allocator;

  ColdWorkload(Setting setting) {
    long start = System.nanoTime();
    allocator = setting.allocator();
    allocator.alloc(Sequence.SMALLEST).close();
    firstNanos = System.nanoTime() - start;
  }

  @Override
  public List<Figure> round() {
    Sequence sequence = new Sequence(Sequence.SEED);
    SpanSet spans = new SpanSet(allocator, SPANS);
    long start = System.nanoTime();
    spans.fill(sequence);
    spans.churn(sequence, REPLACEMENTS);
    long nanos = System.nanoTime() - start;
    return List.of(
        new Figure("cold-first-span", "us", firstNanos / 1000.0),
        Figure.nanos("cold-thousand", nanos, SPANS + 2L * REPLACEMENTS));
  }

  @Override
  public void close() {
    allocator.close();
  }
}
