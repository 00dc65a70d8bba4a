// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.bench.workload.Sequence;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/// What operations cost when two threads use one allocator, each with spans of its own.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
public class SharedAllocatorBenchmark {
  private final OwnedJitAllocator allocator =
      ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create();

  /// The spans of a thread.
  @State(Scope.Thread)
  public static class Own {
    private static final int LIVE_SPANS = 5000;

    private final Sequence sequence = new Sequence(Thread.currentThread().threadId());
    private final Span[] spans = new Span[LIVE_SPANS];

    /// Allocates the spans.
    ///
    /// @param shared has the allocator
    @Setup(Level.Trial)
    public void fill(SharedAllocatorBenchmark shared) {
      for (int i = 0; i < LIVE_SPANS; i++) {
        spans[i] = shared.allocator.alloc(sequence.size());
      }
    }
  }

  /// Frees everything.
  @TearDown
  public void close() {
    allocator.close();
  }

  /// Allocates a span and releases it.
  ///
  /// @param own what belongs to the thread
  @Benchmark
  public void pair(Own own) {
    allocator.alloc(own.sequence.size()).close();
  }

  /// Releases a random span and allocates another.
  ///
  /// @param own what belongs to the thread
  @Benchmark
  public void churn(Own own) {
    int victim = own.sequence.index(Own.LIVE_SPANS);
    own.spans[victim].close();
    own.spans[victim] = allocator.alloc(own.sequence.size());
  }
}
