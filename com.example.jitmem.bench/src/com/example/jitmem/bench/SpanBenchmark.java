// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
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
  private static final int SMALLEST = 32;
  private static final int LARGEST = 4096;

  /// The number of live spans.
  @Param({"1000", "10000", "100000"})
  public int liveSpans;

  private final SplittableRandom random = new SplittableRandom(42);
  private final MemorySegment code = MemorySegment.ofArray(new byte[256]);
  private OwnedJitAllocator allocator =
      ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create();
  private Span[] spans = {};

  /// Fills the allocator.
  @Setup
  public void fill() {
    spans = new Span[liveSpans];
    for (int i = 0; i < liveSpans; i++) {
      spans[i] = allocator.alloc(nextSize());
    }
  }

  /// Gives everything back.
  @TearDown
  public void close() {
    allocator.close();
  }

  /// Allocates a span and releases it.
  @Benchmark
  public void pair() {
    allocator.alloc(nextSize()).close();
  }

  /// Releases a random span and allocates another.
  ///
  /// @return the new span
  @Benchmark
  public Span churn() {
    int victim = random.nextInt(liveSpans);
    spans[victim].close();
    spans[victim] = allocator.alloc(nextSize());
    return spans[victim];
  }

  /// Looks a random span up by its address.
  ///
  /// @return what was found
  @Benchmark
  public Optional<Span> query() {
    return allocator.query(spans[random.nextInt(liveSpans)].rx());
  }

  /// Writes up to 256 bytes to a random span.
  @Benchmark
  public void write() {
    Span span = spans[random.nextInt(liveSpans)];
    long byteSize = Math.min(span.byteSize(), code.byteSize());
    allocator.write(span, 0, code.asSlice(0, byteSize), CachePolicy.DEFAULT);
  }

  private long nextSize() {
    double exponent = random.nextDouble(Math.log(SMALLEST), Math.log(LARGEST));
    return Math.round(Math.exp(exponent));
  }
}
