// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import com.example.jitmem.testing.GarbageCollection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosedChecker") // arenas end in the middle of a test
class ArenaTest {
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
  void aSpanWhoseArenaWasForgottenIsFoundAsItIsCounted() {
    MemorySegment rx =
        MemorySegment.ofAddress(
            allocator.alloc(SpanRequest.of(64).withArena(Arena.ofShared())).rx().address());
    WeakReference<Object> arena =
        new WeakReference<>(allocator.query(rx).orElseThrow().rx().scope());
    GarbageCollection.repeatUntil(() -> arena.refersTo(null));
    assertThat(arena.refersTo(null)).isTrue();
    assertThat(allocator.statistics().ownSpanCount()).isEqualTo(1);
    Span found = allocator.query(rx).orElseThrow();
    assertThat(found.isLive()).isTrue();
    assertThat(found.byteSize()).isEqualTo(64);
    assertThatThrownBy(found::close).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aRefusalToCloseNamesTheRightOrder() {
    try (CodeGroup group = allocator.openGroup()) {
      group.alloc(64);
      assertThatThrownBy(allocator::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("try-with-resources")
          .hasMessageContaining("declare the allocator before them");
    }
  }

  @Test
  void spansEndWithTheirArena() {
    for (Arena arena : List.of(Arena.ofConfined(), Arena.ofShared())) {
      Span first = allocator.alloc(64, arena);
      Span second = allocator.alloc(640, arena);
      MemorySegment code = first.rx();
      assertThat(code.scope()).isEqualTo(arena.scope());
      assertThatThrownBy(first::close).isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> allocator.release(code))
          .isInstanceOf(UnsupportedOperationException.class);
      allocator.write(second, 0, CODE, CachePolicy.DEFAULT);
      allocator.shrink(second, 1);
      assertThat(allocator.query(code)).contains(first);
      assertThat(allocator.query(code).orElseThrow().rx().scope()).isEqualTo(arena.scope());
      arena.close();
      assertThat(first.isLive()).isFalse();
      assertThat(code.scope().isAlive()).isFalse();
      assertThatThrownBy(second::rx).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> allocator.write(second, 0, CODE, CachePolicy.DEFAULT))
          .isInstanceOf(IllegalStateException.class);
      first.close();
      assertThat(allocator.statistics().spanCount()).isZero();
      assertThat(allocator.query(code)).isEmpty();
    }
  }

  @Test
  void spansOfTheGlobalArenaNeverEnd() {
    Span span = allocator.alloc(64, Arena.global());
    assertThatThrownBy(span::close).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);
    assertThat(span.isLive()).isTrue();
  }

  @Test
  void spansOfAnAutomaticArenaEndWhenNothingReachesThem() {
    allocator.alloc(64, Arena.ofAuto());
    GarbageCollection.repeatUntil(() -> allocator.statistics().spanCount() == 0);
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  @Test
  void regionsOfAnAutomaticArenaAreUnmappedWhenNothingReachesIt() {
    OwnedAllocator closing =
        TestAllocators.owned(
            memory, JitAllocatorParameters.defaults().with(JitAllocatorOption.IMMEDIATE_RELEASE));
    closing.alloc(300_000, Arena.ofAuto());
    GarbageCollection.repeatUntil(() -> closing.statistics().addressSpaceBytes() == 0);
    assertThat(closing.statistics().addressSpaceBytes()).isZero();
    assertThat(memory.committedBytes()).isZero();
  }

  /// Whether the system gives the memory or refuses it then: nothing is left of the span.
  @Test
  void anArenaThatClosesWhileMemoryIsCommittedLeavesNoSpan() {
    for (boolean refuses : new boolean[] {false, true}) {
      for (Call closing : new Call[] {Call.RESERVE, Call.COMMIT}) {
        Arena arena = Arena.ofShared();
        memory.fail(
            (call, n) -> {
              if (call != closing || !arena.scope().isAlive()) {
                return null;
              }
              arena.close();
              return refuses ? VirtMemException.Reason.OTHER : null;
            });
        OwnedAllocator fresh = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
        assertThatThrownBy(() -> fresh.alloc(64, arena))
            .isInstanceOf(refuses ? VirtMemException.class : IllegalStateException.class);
        memory.failNothing();
        assertThat(arena.scope().isAlive()).isFalse();
        assertThat(fresh.statistics().spanCount()).isZero();
        assertThat(fresh.core().accounts.holdings()).isEmpty();
        SelfCheck.of(fresh.core());
        fresh.close();
        assertThat(memory.regions).isEmpty();
      }
    }
  }

  @Test
  void aClosedArenaIsRefusedAndNothingIsAllocated() {
    Arena closed = Arena.ofShared();
    closed.close();
    assertThatThrownBy(() -> allocator.alloc(64, closed)).isInstanceOf(IllegalStateException.class);
    Arena later = Arena.ofShared();
    allocator.alloc(64, later);
    later.close();
    assertThatThrownBy(() -> allocator.alloc(64, later)).isInstanceOf(IllegalStateException.class);
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  @Test
  void anArenaOfAnotherThreadIsRefusedAndWorksInItsOwn() {
    try (Arena confined = Arena.ofConfined()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(
                () -> CompletableFuture.supplyAsync(() -> allocator.alloc(64, confined)).join())
            .isInstanceOf(CompletionException.class)
            .hasCauseInstanceOf(WrongThreadException.class);
        assertThat(allocator.statistics().spanCount()).isEqualTo(i);
        Span span = allocator.alloc(64, confined);
        assertThatThrownBy(
                () ->
                    CompletableFuture.runAsync(
                            () -> allocator.write(span, 0, CODE, CachePolicy.DEFAULT))
                        .join())
            .hasCauseInstanceOf(WrongThreadException.class);
        assertThat(CompletableFuture.supplyAsync(() -> allocator.query(span.rx())).join())
            .contains(span);
      }
    }
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  @Test
  void aGroupEndsItsSpansTogether() {
    CodeGroup group = allocator.openGroup();
    Span first = group.alloc(64);
    Span second = group.alloc(SpanRequest.of(64).withArena(group.arena()));
    Span other = allocator.alloc(64);
    assertThatThrownBy(() -> group.alloc(SpanRequest.of(64).withArena(Arena.global())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);
    assertThat(other.isLive()).isTrue();
    group.close();
    group.close();
    assertThat(first.isLive()).isFalse();
    assertThat(second.isLive()).isFalse();
    assertThatThrownBy(() -> group.alloc(64)).isInstanceOf(IllegalStateException.class);
    assertThat(other.isLive()).isTrue();
    allocator.close();
    assertThat(other.isLive()).isFalse();
  }

  @Test
  void aGroupClosedWhileItsSpanIsWrittenKeepsTheMemoryUntilTheWriterIsDone() {
    CodeGroup group = allocator.openGroup();
    Span span = group.alloc(64);
    long address = span.rx().address();
    assertThatThrownBy(
            () ->
                allocator.<RuntimeException>write(
                    span,
                    rw -> {
                      group.close();
                      assertThat(allocator.alloc(64).rx().address()).isNotEqualTo(address);
                      return 64;
                    },
                    CachePolicy.DEFAULT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended");
    assertThat(allocator.alloc(64).rx().address()).isEqualTo(address);
  }

  @Test
  void arenasCanCloseWhileSpansAreAllocatedInThem() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 200; round++) {
        Arena arena = Arena.ofShared();
        CountDownLatch started = new CountDownLatch(1);
        Future<List<Span>> allocating =
            threads.submit(
                () -> {
                  List<Span> spans = new ArrayList<>();
                  try {
                    while (true) {
                      spans.add(allocator.alloc(100, arena));
                      started.countDown();
                    }
                  } catch (IllegalStateException e) {
                    return spans;
                  }
                });
        started.await();
        arena.close();
        assertThat(valueOf(allocating)).noneMatch(Span::isLive);
        assertThat(allocator.statistics().spanCount()).isZero();
      }
    }
    assertThat(allocator.core().accounts.holdings()).isEmpty();
  }

  private static <T> T valueOf(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
