// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The live spans of a workload, in an array as a program would hold them.
///
/// Loops that are measured stand in methods that are called often, so that the JVM compiles them as
/// a whole and does not replace them while they run.
final class SpanSet {
  private static final int BATCH = 1000;

  private final JitAllocator allocator;
  private final Span[] spans;

  SpanSet(JitAllocator allocator, int count) {
    this.allocator = allocator;
    spans = new Span[count];
  }

  int count() {
    return spans.length;
  }

  Span get(int index) {
    return spans[index];
  }

  /// Allocates all spans with random sizes.
  void fill(Sequence sequence) {
    for (int from = 0; from < spans.length; from += BATCH) {
      fill(sequence, from, Math.min(spans.length, from + BATCH));
    }
  }

  private void fill(Sequence sequence, int from, int to) {
    for (int i = from; i < to; i++) {
      spans[i] = allocator.alloc(sequence.size());
    }
  }

  /// Releases a random span and allocates another, `operations` times.
  void churn(Sequence sequence, int operations) {
    for (int done = 0; done < operations; done += BATCH) {
      churnBatch(sequence, Math.min(BATCH, operations - done));
    }
  }

  private void churnBatch(Sequence sequence, int operations) {
    for (int i = 0; i < operations; i++) {
      long bits = sequence.next();
      replace(Sequence.indexOf(bits, spans.length), Sequence.sizeOf(bits));
    }
  }

  /// Allocates a span and releases it at once, `operations` times.
  void pairs(Sequence sequence, int operations) {
    for (int done = 0; done < operations; done += BATCH) {
      pairBatch(sequence, Math.min(BATCH, operations - done));
    }
  }

  private void pairBatch(Sequence sequence, int operations) {
    for (int i = 0; i < operations; i++) {
      allocator.alloc(sequence.size()).close();
    }
  }

  /// As [#churn], with the time of each operation.
  void churn(Sequence sequence, long[] nanos) {
    for (int done = 0; done < nanos.length; done += BATCH) {
      churnBatch(sequence, nanos, done, Math.min(nanos.length, done + BATCH));
    }
  }

  private void churnBatch(Sequence sequence, long[] nanos, int from, int to) {
    for (int i = from; i < to; i++) {
      long bits = sequence.next();
      int victim = Sequence.indexOf(bits, spans.length);
      int size = Sequence.sizeOf(bits);
      long start = System.nanoTime();
      replace(victim, size);
      nanos[i] = System.nanoTime() - start;
    }
  }

  private void replace(int victim, int size) {
    spans[victim].close();
    spans[victim] = allocator.alloc(size);
  }

  /// The addresses of all spans, as a lookup takes them.
  long[] addresses() {
    return Arrays.stream(spans).mapToLong(span -> span.rx().address()).toArray();
  }

  /// Looks random addresses up.
  ///
  /// @return the sum of the sizes, so that nothing can be left out
  long query(long[] addresses, Sequence sequence, int operations) {
    long sum = 0;
    for (int done = 0; done < operations; done += BATCH) {
      sum += queryBatch(addresses, sequence, Math.min(BATCH, operations - done));
    }
    return sum;
  }

  private long queryBatch(long[] addresses, Sequence sequence, int operations) {
    long sum = 0;
    for (int i = 0; i < operations; i++) {
      MemorySegment address = MemorySegment.ofAddress(addresses[sequence.index(addresses.length)]);
      sum += allocator.query(address).orElseThrow().byteSize();
    }
    return sum;
  }

  /// Releases the spans with the given indices in their order.
  void release(int[] order) {
    for (int from = 0; from < order.length; from += BATCH) {
      release(order, from, Math.min(order.length, from + BATCH));
    }
  }

  private void release(int[] order, int from, int to) {
    for (int i = from; i < to; i++) {
      spans[order[i]].close();
    }
  }
}
