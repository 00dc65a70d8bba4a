// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

/// Several threads on one allocator, each with its share of the live spans: pairs if there are
/// none, else churn. The variant is the number of threads. What is measured is the time that passes
/// per operation of all of them together.
final class ThreadsWorkload implements Workload {
  private final Setting setting;
  private final int threads;
  private final OwnedJitAllocator allocator;
  private final List<SpanSet> sets = new ArrayList<>();
  private final List<Sequence> sequences = new ArrayList<>();

  ThreadsWorkload(Setting setting) {
    this.setting = setting;
    threads = Integer.parseInt(setting.variant());
    allocator = setting.allocator();
    for (int i = 0; i < threads; i++) {
      Sequence sequence = new Sequence(Sequence.SEED + i);
      SpanSet set = new SpanSet(allocator, setting.liveSpans() / threads);
      set.fill(sequence);
      sequences.add(sequence);
      sets.add(set);
    }
  }

  @Override
  public List<Figure> round() {
    int each = setting.operations() / threads;
    long[] starts = new long[threads];
    long[] ends = new long[threads];
    CyclicBarrier barrier = new CyclicBarrier(threads);
    CountDownLatch finished = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      int own = i;
      Thread.ofPlatform()
          .start(
              () -> {
                await(barrier);
                starts[own] = System.nanoTime();
                work(sets.get(own), sequences.get(own), each);
                ends[own] = System.nanoTime();
                finished.countDown();
              });
    }
    await(finished);
    long nanos =
        Arrays.stream(ends).max().orElseThrow() - Arrays.stream(starts).min().orElseThrow();
    String name = (setting.liveSpans() == 0 ? "pair" : "churn") + "-threads-" + threads;
    return List.of(Figure.nanos(name, nanos, (long) each * threads));
  }

  private void work(SpanSet set, Sequence sequence, int operations) {
    if (set.count() > 0) {
      set.churn(sequence, operations);
    } else {
      set.pairs(sequence, operations);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("Interrupted at the start", e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("Interrupted while the threads work", e);
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
