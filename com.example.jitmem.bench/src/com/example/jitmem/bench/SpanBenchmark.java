// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.bench.workload.Sequence;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What the operations of an allocator cost with a given number of live spans, whose sizes are
/// log-uniform from 32 to 4096 bytes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpanBenchmark {
  private static final int BATCH = 10;

  /// The number of live spans.
  @Param({"1000", "10000", "100000", "1000000"})
  public int liveSpans;

  private final Sequence sequence = new Sequence(Sequence.SEED);
  private final MemorySegment code = MemorySegment.ofArray(new byte[256]);
  private final MemorySegment shortCode = code.asSlice(0, Sequence.SMALLEST);
  private OwnedJitAllocator allocator =
      ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create();
  private Span[] spans = {};

  /// Fills the allocator.
  @Setup
  public void fill() {
    spans = new Span[liveSpans];
    for (int i = 0; i < liveSpans; i++) {
      spans[i] = allocator.alloc(sequence.size());
    }
  }

  /// Frees everything.
  @TearDown
  public void close() {
    allocator.close();
  }

  /// Allocates a span and releases it.
  @Benchmark
  public void pair() {
    allocator.alloc(sequence.size()).close();
  }

  /// Releases a random span and allocates another.
  ///
  /// @return the new span
  @Benchmark
  public Span churn() {
    int victim = sequence.index(liveSpans);
    spans[victim].close();
    spans[victim] = allocator.alloc(sequence.size());
    return spans[victim];
  }

  /// Looks a random span up by its address.
  ///
  /// @return what was found
  @Benchmark
  public Optional<Span> query() {
    return allocator.query(spans[sequence.index(liveSpans)].rx());
  }

  /// Writes up to 256 bytes to a random span.
  @Benchmark
  public void write() {
    Span span = spans[sequence.index(liveSpans)];
    long byteSize = Math.min(span.byteSize(), code.byteSize());
    allocator.write(span, 0, code.asSlice(0, byteSize), CachePolicy.DEFAULT);
  }

  /// Allocates the largest span, frees half of it, and releases it.
  @Benchmark
  public void shrink() {
    try (Span span = allocator.alloc(Sequence.LARGEST)) {
      allocator.shrink(span, Sequence.LARGEST / 2);
    }
  }

  /// Writes to ten random spans in one scope.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void writeInScope() {
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      for (int i = 0; i < BATCH; i++) {
        scope.write(spans[sequence.index(liveSpans)], 0, shortCode);
      }
    }
  }
}
