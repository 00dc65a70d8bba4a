// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.Services;
import java.lang.foreign.MemorySegment;

/// An allocator whose every span is filled with a pattern of its own, compared through both views
/// before it is released, and checked against [LiveRanges].
final class VerifiedAllocator implements AutoCloseable {
  /// `int3`, the trap of x86.
  private static final long PATTERN_SEED = 0x123456789L;

  /// A live span and the pattern it holds.
  record Entry(Span span, MemorySegment rx, long pattern) {}

  private final OwnedJitAllocator allocator;
  private final LiveRanges live = new LiveRanges();
  private final AsmJitRandom patterns = new AsmJitRandom(PATTERN_SEED);

  VerifiedAllocator(JitAllocatorParameters parameters) {
    allocator = Services.allocatorFactory().create(parameters);
  }

  Entry alloc(long byteSize) {
    Span span = allocator.alloc(byteSize);
    MemorySegment rx = span.rx();
    if (rx.byteSize() != expectedByteSize(byteSize, byteSize) || span.byteSize() != rx.byteSize()) {
      throw new AssertionError("A request of " + byteSize + " bytes got " + rx.byteSize());
    }
    live.add(span);
    if (allocator.parameters().hasOption(FILL_UNUSED_MEMORY)) {
      checkTrap(rx);
    }
    Entry entry = new Entry(span, rx, patterns.nextLong());
    allocator.write(span, entry, VerifiedAllocator::writePattern, CachePolicy.DEFAULT);
    checkPattern(rx, entry);
    return entry;
  }

  void release(Entry entry) {
    verify(entry);
    live.remove(entry.rx());
    allocator.release(entry.rx());
  }

  /// Finds the span by its address and shrinks it to one granule.
  Entry shrinkToOneByte(Entry entry) {
    Span found = allocator.query(entry.rx()).orElseThrow();
    assertThat(found).isEqualTo(entry.span());
    long expected = expectedByteSize(entry.rx().byteSize(), 1);
    live.remove(entry.rx());
    allocator.shrink(found, 1);
    assertThat(found.byteSize()).isEqualTo(expected);
    live.add(found);
    return new Entry(found, found.rx(), entry.pattern());
  }

  /// Compares what a span holds with its pattern, where it is executed and where it is written.
  void verify(Entry entry) {
    checkPattern(entry.rx(), entry);
    allocator.write(
        entry.span(),
        entry,
        (target, pattern) -> {
          checkPattern(target, pattern);
          return target.byteSize();
        },
        CachePolicy.NEVER_FLUSH);
  }

  /// Compares the statistics with what is live by this class's own account.
  void checkFigures() {
    Statistics statistics = allocator.statistics();
    assertThat(statistics.spanCount()).isEqualTo(live.count());
    assertThat(statistics.ownSpanCount()).isEqualTo(live.count());
    assertThat(statistics.usedBytes()).isEqualTo(live.byteSize());
    assertThat(statistics.ownUsedBytes()).isEqualTo(live.byteSize());
    assertThat(statistics.reservedBytes())
        .isGreaterThanOrEqualTo(statistics.usedBytes())
        .isLessThanOrEqualTo(statistics.peakReservedBytes())
        .isLessThanOrEqualTo(statistics.addressSpaceBytes());
    assertThat(statistics.failureCount()).isZero();
    live.checkExecutable();
    if (live.count() == 0) {
      checkKeptMemory(statistics);
    }
  }

  long reservedBytes() {
    return allocator.statistics().reservedBytes();
  }

  JitAllocatorParameters parameters() {
    return allocator.parameters();
  }

  /// The most memory that may be kept for spans to come.
  private void checkKeptMemory(Statistics statistics) {
    boolean keepsNothing = allocator.parameters().hasOption(IMMEDIATE_RELEASE);
    long mostBlocks = keepsNothing ? 0 : poolCount();
    assertThat(statistics.blockCount()).isLessThanOrEqualTo(mostBlocks);
    assertThat(statistics.reservedBytes())
        .isLessThanOrEqualTo(mostBlocks * allocator.parameters().blockByteSize());
  }

  private int poolCount() {
    return allocator.parameters().hasOption(USE_MULTIPLE_POOLS) ? 3 : 1;
  }

  /// The size of a span that was allocated with one size and keeps another: whole granules of the
  /// pool with the largest granule that divides the first.
  private long expectedByteSize(long allocated, long kept) {
    long granule = allocator.parameters().granuleByteSize();
    long rounded = roundUp(allocated, granule);
    for (int pool = 1; pool < poolCount() && rounded % (2 * granule) == 0; pool++) {
      granule *= 2;
    }
    return roundUp(kept, granule);
  }

  private static long roundUp(long value, long granule) {
    return (value + granule - 1) / granule * granule;
  }

  private static long writePattern(MemorySegment target, Entry entry) {
    for (long offset = 0; offset < target.byteSize(); offset += Long.BYTES) {
      target.set(JAVA_LONG, offset, entry.pattern() + offset);
    }
    return target.byteSize();
  }

  private static void checkPattern(MemorySegment memory, Entry entry) {
    for (long offset = 0; offset < memory.byteSize(); offset += Long.BYTES) {
      if (memory.get(JAVA_LONG, offset) != entry.pattern() + offset) {
        throw new AssertionError(
            "The span at %x of %d bytes is changed at offset %d, seen at %x"
                .formatted(entry.rx().address(), entry.rx().byteSize(), offset, memory.address()));
      }
    }
  }

  private static void checkTrap(MemorySegment rx) {
    for (long offset = 0; offset < rx.byteSize(); offset += Integer.BYTES) {
      if (rx.get(JAVA_INT, offset) != MachineCode.TRAP) {
        throw new AssertionError(
            "New memory at %x is not filled at offset %d".formatted(rx.address(), offset));
      }
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
