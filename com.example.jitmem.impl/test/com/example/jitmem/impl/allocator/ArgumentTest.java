// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Wrong arguments are refused and change nothing.
@NullUnmarked
@SuppressWarnings("MustBeClosedChecker") // arenas end in the middle of a test
class ArgumentTest {
  private static final MemorySegment CODE = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final OwnedAllocator allocator =
      TestAllocators.owned(memory, JitAllocatorParameters.defaults());
  private final OwnedAllocator foreign =
      TestAllocators.owned(memory, JitAllocatorParameters.defaults());
  private final Span span = allocator.alloc(256);
  private Statistics before;

  @BeforeEach
  void remember() {
    before = allocator.statistics();
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(allocator.statistics())
        .usingRecursiveComparison()
        .ignoringFieldsMatchingRegexes("peak.*", "metadataBytes")
        .isEqualTo(before);
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(allocator.core());
  }

  @Test
  void sizesOutsideTheRangeAreRefused() {
    for (long wrong :
        new long[] {0, -1, Long.MIN_VALUE, 1L << 31, (1L << 31) - 63, Long.MAX_VALUE}) {
      refused(IllegalArgumentException.class, () -> allocator.alloc(wrong));
      refused(IllegalArgumentException.class, () -> allocator.alloc(wrong, Arena.global()));
      refused(IllegalArgumentException.class, () -> allocator.openGroup().alloc(wrong));
    }
  }

  @Test
  void sizeAndAlignmentTogetherMustFitARegion() {
    SpanRequest request =
        SpanRequest.of(JitAllocator.MAX_SPAN_BYTE_SIZE)
            .withByteAlignment(SpanRequest.MAX_BYTE_ALIGNMENT);
    refused(IllegalArgumentException.class, () -> allocator.alloc(request));
    try (OwnedAllocator coarse =
        TestAllocators.owned(memory, JitAllocatorParameters.defaults().withGranuleByteSize(256))) {
      refused(IllegalArgumentException.class, () -> coarse.alloc(JitAllocator.MAX_SPAN_BYTE_SIZE));
      assertThat(coarse.alloc((1L << 31) - 256).byteSize()).isEqualTo((1L << 31) - 256);
    }
  }

  @Test
  void theLargestSpanIsServed() {
    try (OwnedAllocator other =
        TestAllocators.owned(
            memory,
            JitAllocatorParameters.defaults().with(JitAllocatorOption.USE_MULTIPLE_POOLS))) {
      Span largest = other.alloc(JitAllocator.MAX_SPAN_BYTE_SIZE);
      assertThat(largest.byteSize()).isEqualTo(JitAllocator.MAX_SPAN_BYTE_SIZE);
      assertThat(largest.rx().byteSize()).isEqualTo(JitAllocator.MAX_SPAN_BYTE_SIZE);
      Span aligned =
          other.alloc(
              SpanRequest.of((1L << 31) - SpanRequest.MAX_BYTE_ALIGNMENT)
                  .withByteAlignment(SpanRequest.MAX_BYTE_ALIGNMENT));
      assertThat(aligned.rx().address() % SpanRequest.MAX_BYTE_ALIGNMENT).isZero();
      SelfCheck.of(other.core());
    }
  }

  @Test
  void nullIsRefusedEverywhere() {
    refused(NullPointerException.class, () -> allocator.alloc(null));
    refused(NullPointerException.class, () -> allocator.alloc(1, null));
    refused(NullPointerException.class, () -> allocator.release(null));
    refused(NullPointerException.class, () -> allocator.shrink(null, 1));
    refused(NullPointerException.class, () -> allocator.query(null));
    refused(NullPointerException.class, () -> allocator.write(null, 0, CODE, CachePolicy.DEFAULT));
    refused(NullPointerException.class, () -> allocator.write(span, 0, null, CachePolicy.DEFAULT));
    refused(NullPointerException.class, () -> allocator.write(span, 0, CODE, null));
    refused(NullPointerException.class, () -> allocator.write(span, rw -> 1L, (CachePolicy) null));
    refused(NullPointerException.class, () -> allocator.write(span, null, CachePolicy.DEFAULT));
    refused(
        NullPointerException.class,
        () -> allocator.write(span, null, (rw, context) -> 1L, CachePolicy.DEFAULT));
    refused(NullPointerException.class, () -> allocator.openWriteScope(null));
    refused(NullPointerException.class, () -> allocator.reset(null));
    refused(NullPointerException.class, () -> allocator.openGroup().alloc(null));
    refused(NullPointerException.class, () -> TestAllocators.owned(memory, null));
    refused(NullPointerException.class, () -> TestAllocators.shared(null, allocator.parameters()));
  }

  @Test
  void bytesThatDoNotFitAreRefused() {
    for (long offset : new long[] {-1, 253, 256, 257, Long.MAX_VALUE, Long.MIN_VALUE}) {
      refused(
          IndexOutOfBoundsException.class,
          () -> allocator.write(span, offset, CODE, CachePolicy.DEFAULT));
      try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
        refused(IndexOutOfBoundsException.class, () -> scope.write(span, offset, CODE));
      }
    }
    allocator.write(span, 256, MemorySegment.ofArray(new byte[0]), CachePolicy.DEFAULT);
  }

  @Test
  void spansOfOthersAreRefused() {
    Span theirs = foreign.alloc(64);
    refused(IllegalArgumentException.class, () -> allocator.release(theirs.rx()));
    refused(IllegalArgumentException.class, () -> allocator.shrink(theirs, 1));
    refused(
        IllegalArgumentException.class,
        () -> allocator.write(theirs, 0, CODE, CachePolicy.DEFAULT));
    refused(
        IllegalArgumentException.class,
        () -> allocator.write(theirs, rw -> 1L, CachePolicy.DEFAULT));
    assertThat(allocator.query(theirs.rx())).isEmpty();
    assertThat(theirs.isLive()).isTrue();
  }

  @Test
  void newSizesOutsideTheSpanAreRefused() {
    for (long wrong : new long[] {0, -1, 257, Long.MAX_VALUE, Long.MIN_VALUE}) {
      refused(IllegalArgumentException.class, () -> allocator.shrink(span, wrong));
      refused(
          IllegalArgumentException.class,
          () -> allocator.write(span, rw -> wrong, CachePolicy.DEFAULT));
    }
    allocator.shrink(span, 256);
    allocator.shrink(span, 193);
    assertThat(span.byteSize()).isEqualTo(256);
  }

  @Test
  void endedSpansAreRefused() {
    Span ended = allocator.alloc(64);
    Span twin = allocator.query(ended.rx()).orElseThrow();
    ended.close();
    Span successor = allocator.alloc(64);
    for (Span handle : new Span[] {ended, twin}) {
      handle.close();
      refused(IllegalStateException.class, handle::rx);
      refused(IllegalStateException.class, handle::byteSize);
      refused(IllegalStateException.class, () -> allocator.shrink(handle, 1));
      refused(
          IllegalStateException.class, () -> allocator.write(handle, 0, CODE, CachePolicy.DEFAULT));
      refused(
          IllegalStateException.class,
          () -> allocator.write(handle, rw -> 1L, CachePolicy.DEFAULT));
    }
    assertThat(successor.isLive()).isTrue();
    successor.close();
    assertThat(ended).isEqualTo(twin).isNotEqualTo(successor);
    assertThat(ended.hashCode()).isEqualTo(twin.hashCode());
  }

  @Test
  void sourcesThatCannotBeReadAreRefused() {
    Arena closed = Arena.ofConfined();
    MemorySegment gone = closed.allocate(4);
    closed.close();
    refused(IllegalStateException.class, () -> allocator.write(span, 0, gone, CachePolicy.DEFAULT));
    MemorySegment confined =
        CompletableFuture.supplyAsync(() -> Arena.ofConfined().allocate(4)).join();
    refused(
        WrongThreadException.class, () -> allocator.write(span, 0, confined, CachePolicy.DEFAULT));
  }

  @Test
  void heapSegmentsNameNoSpan() {
    refused(IllegalArgumentException.class, () -> allocator.release(CODE));
    assertThat(allocator.query(CODE)).isEmpty();
    assertThat(allocator.query(MemorySegment.ofAddress(-1))).isEmpty();
  }

  @Test
  void aClosedAllocatorRefusesEverythingButQuestions() {
    foreign.alloc(64);
    foreign.close();
    foreign.close();
    refused(IllegalStateException.class, () -> foreign.alloc(1));
    refused(IllegalStateException.class, foreign::openGroup);
    refused(IllegalStateException.class, () -> foreign.release(MemorySegment.ofAddress(4096)));
    refused(IllegalStateException.class, () -> foreign.shrink(span, 1));
    refused(IllegalStateException.class, () -> foreign.query(MemorySegment.NULL));
    refused(IllegalStateException.class, () -> foreign.write(span, 0, CODE, CachePolicy.DEFAULT));
    refused(IllegalStateException.class, () -> foreign.write(span, rw -> 1L, CachePolicy.DEFAULT));
    refused(IllegalStateException.class, () -> foreign.openWriteScope(CachePolicy.DEFAULT));
    refused(IllegalStateException.class, () -> foreign.reset(ResetPolicy.SOFT));
    assertThat(foreign.statistics().spanCount()).isZero();
    assertThat(foreign.parameters()).isEqualTo(foreign.requestedParameters());
    assertThat(foreign.codeWriting()).isEqualTo(memory.codeWriting());
  }

  private static void refused(Class<? extends Throwable> type, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(type);
  }
}
