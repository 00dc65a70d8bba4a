// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteTest {
  private static final MemorySegment CODE = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final OwnedAllocator allocator =
      TestAllocators.owned(memory, JitAllocatorParameters.defaults());

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(allocator.core());
  }

  @Test
  void theWritableSegmentEndsWithTheFunctionAndIsBounded() throws IOException {
    Span span = allocator.alloc(100);
    List<MemorySegment> leaked = new ArrayList<>();
    allocator.<List<MemorySegment>, IOException>write(
        span,
        leaked,
        (target, context) -> {
          assertThat(target.byteSize()).isEqualTo(128);
          assertThat(target.isAccessibleBy(new Thread())).isFalse();
          assertThatThrownBy(() -> target.get(ValueLayout.JAVA_BYTE, 128))
              .isInstanceOf(IndexOutOfBoundsException.class);
          context.add(target);
          target.copyFrom(CODE);
          return 100;
        },
        CachePolicy.FLUSH_AFTER_WRITE);
    assertThat(memory.read(span.rx().address(), 4)).containsExactly(1, 2, 3, 4);
    assertThat(span.byteSize()).isEqualTo(128);
    assertThatThrownBy(() -> leaked.getFirst().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatWasWrittenBeforeAnExceptionStays() {
    Span span = allocator.alloc(100);
    assertThatThrownBy(
            () ->
                allocator.<IOException>write(
                    span,
                    target -> {
                      target.copyFrom(CODE);
                      throw new IOException("stop");
                    },
                    CachePolicy.DEFAULT))
        .isInstanceOf(IOException.class);
    assertThat(memory.read(span.rx().address(), 4)).containsExactly(1, 2, 3, 4);
    assertThat(span.byteSize()).isEqualTo(128);
    assertThatThrownBy(() -> allocator.write(span, target -> 129L, CachePolicy.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aScopeFlushesAllWritesOnce() {
    Span first = allocator.alloc(64);
    Span second = allocator.alloc(64);
    long flushes = memory.count(Call.FLUSH);
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(first, 0, CODE);
      scope.write(first, 4, CODE);
      scope.write(
          second,
          target -> {
            target.copyFrom(CODE);
            return 64;
          });
      assertThat(scope.allocator()).isSameAs(allocator);
      assertThat(scope.policy()).isEqualTo(CachePolicy.DEFAULT);
      assertThat(memory.count(Call.FLUSH)).isEqualTo(flushes);
    }
    assertThat(memory.count(Call.FLUSH)).isEqualTo(flushes + 1);
    assertThat(memory.read(first.rx().address(), 8)).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
    assertThat(memory.read(second.rx().address(), 4)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void flushMakesWritesVisibleAndKeepsTheScopeOpen() {
    Span span = allocator.alloc(64);
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(span, 0, CODE);
      scope.flush();
      assertThat(memory.read(span.rx().address(), 4)).containsExactly(1, 2, 3, 4);
      scope.write(span, 8, CODE);
    }
    assertThat(memory.read(span.rx().address() + 8, 4)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aScopeBelongsToItsThreadAndEnds() {
    Span span = allocator.alloc(64);
    WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT);
    scope.write(span, 0, CODE);
    for (Runnable call :
        new Runnable[] {
          () -> scope.write(span, 0, CODE), scope::flush, scope::close, scope::policy
        }) {
      assertThatThrownBy(() -> CompletableFuture.runAsync(call).join())
          .hasCauseInstanceOf(WrongThreadException.class);
    }
    scope.close();
    scope.close();
    assertThatThrownBy(() -> scope.write(span, 0, CODE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(scope::flush).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void memoryReleasedInAScopeIsNotReusedBeforeItIsClosed() {
    Span span = allocator.alloc(4096);
    long address = span.rx().address();
    Span fresh;
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(span, 0, CODE);
      span.close();
      assertThatThrownBy(() -> scope.write(span, 0, CODE))
          .isInstanceOf(IllegalStateException.class);
      assertThat(allocator.statistics().spanCount()).isZero();
      fresh = allocator.alloc(4096);
      assertThat(fresh.rx().address()).isNotEqualTo(address);
    }
    assertThat(allocator.alloc(4096).rx().address()).isEqualTo(address);
    assertThat(fresh.isLive()).isTrue();
  }

  @Test
  void whatAWriterDoesNotNeedIsGivenBackWhenItsCodeIsInPlace() {
    Span span = allocator.alloc(4096);
    long tail = span.rx().address() + 64;
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(span, target -> 128L);
      scope.write(
          span,
          target -> {
            assertThat(target.byteSize()).isEqualTo(128);
            return 60L;
          });
      assertThatThrownBy(() -> scope.write(span, 61, CODE))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(span.byteSize()).isEqualTo(4096);
      scope.flush();
      assertThat(span.byteSize()).isEqualTo(64);
      assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
      assertThat(allocator.alloc(64).rx().address()).isNotEqualTo(tail);
    }
    assertThat(allocator.alloc(64).rx().address()).isEqualTo(tail);
  }

  @Test
  void aSpanKeepsItsSizeIfItsCodeCannotBeBroughtInPlace() {
    Span span = allocator.alloc(4096);
    allocator.write(span, 4000, CODE, CachePolicy.DEFAULT);
    memory.failEvery(Call.FLUSH);
    assertThatThrownBy(() -> allocator.write(span, target -> 64L, CachePolicy.DEFAULT))
        .isInstanceOf(VirtMemException.class);
    memory.failNothing();
    assertThat(span.byteSize()).isEqualTo(4096);
    assertThat(memory.read(span.rx().address() + 4000, 4)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void spansThatEndOrShrinkBeforeTheirCodeIsInPlaceAreNotCut() {
    Span ended = allocator.alloc(4096);
    Span shrunk = allocator.alloc(4096);
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(ended, target -> 64L);
      scope.write(shrunk, target -> 128L);
      ended.close();
      allocator.shrink(shrunk, 64);
      assertThatThrownBy(() -> scope.write(shrunk, 64, CODE))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(shrunk.byteSize()).isEqualTo(64);
    assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
  }

  @Test
  void releasingASpanWhileItIsWrittenKeepsItsMemoryUntilTheWriterIsDone() {
    Span span = allocator.alloc(64);
    long address = span.rx().address();
    assertThatThrownBy(
            () ->
                allocator.<RuntimeException>write(
                    span,
                    target -> {
                      CompletableFuture.runAsync(span::close).join();
                      assertThat(allocator.alloc(64).rx().address()).isNotEqualTo(address);
                      target.copyFrom(CODE);
                      return 64;
                    },
                    CachePolicy.DEFAULT))
        .isInstanceOf(IllegalStateException.class);
    assertThat(allocator.alloc(64).rx().address()).isEqualTo(address);
  }

  @Test
  void anAllocatorClosedWhileASpanIsWrittenLeavesTheWriterItsMemory() {
    OwnedAllocator closing = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    Span span = closing.alloc(64);
    assertThatThrownBy(
            () ->
                closing.<RuntimeException>write(
                    span,
                    target -> {
                      closing.close();
                      target.copyFrom(CODE);
                      return 64;
                    },
                    CachePolicy.DEFAULT))
        .isInstanceOf(IllegalStateException.class);
    assertThat(span.isLive()).isFalse();
  }
}
