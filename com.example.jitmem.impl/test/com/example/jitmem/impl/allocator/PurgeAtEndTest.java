// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What happens to empty memory when an allocator ends, and afterwards. Ticks run when the test
/// says so.
class PurgeAtEndTest {
  private static final long BLOCK = 65536;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Deque<Runnable> ticks = new ArrayDeque<>();
  private final OwnedAllocator allocator =
      new OwnedAllocator(memory, JitAllocatorParameters.defaults(), ticks::add, System::nanoTime);
  private final SharedAllocator shared =
      new SharedAllocator(memory, JitAllocatorParameters.defaults(), ticks::add, System::nanoTime);
  private final AllocatorView view = shared.openView("one");

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(allocator.core());
    SelfCheck.of(shared.core());
  }

  private static List<Span> fill(AllocatorView view) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 640; i++) {
      spans.add(view.alloc(1024));
    }
    return spans;
  }

  /* The decommit of the other span is the moment in which the writer leaves. */
  @Test
  void whatAWriterLeftBehindAfterTheEndIsCollectedByTheThreadThatEndedTheSpan() {
    view.alloc(10 * BLOCK);
    PlainSpan span = (PlainSpan) view.alloc(64);
    shared.retire();
    WriterSlots writers = shared.core().writers;
    long place = span.region.place(span.start);
    assertThat(writers.tryAnnounce(place)).isTrue();
    memory.fail(
        (call, number) -> {
          if (call == FakeCodeMemory.Call.DECOMMIT) {
            writers.leave(place);
          }
          return null;
        });
    view.reset(ResetPolicy.SOFT);
    assertThat(writers.withheld()).isEmpty();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void aWriterThatIsInsideAtTheEndGivesBackWhatItLeavesBehind() {
    PlainSpan span = (PlainSpan) view.alloc(64);
    WriterSlots writers = shared.core().writers;
    long place = span.region.place(span.start);
    assertThat(writers.tryAnnounce(place)).isTrue();
    span.close();
    shared.retire();
    assertThat(memory.regions).isNotEmpty();
    assertThat(writers.leave(place)).isTrue();
    Reclaimer.collectWritten(shared.core());
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void whatIsDueIsGivenBackByTheThreadThatEndsTheAllocator() {
    List<Span> spans = fill(view);
    Span held = view.alloc(64);
    spans.forEach(Span::close);
    assertThat(ticks).isNotEmpty();
    shared.retire();
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
    held.close();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void aTickThatComesAfterTheEndDoesNothing() {
    fill(allocator).forEach(Span::close);
    allocator.close();
    long calls = memory.callCount();
    int tick = allocator.core().timer.tick();
    ticks.forEach(Runnable::run);
    assertThat(memory.callCount()).isEqualTo(calls);
    assertThat(allocator.core().timer.tick()).isEqualTo(tick);
  }

  @Test
  void noTickIsScheduledAfterTheEnd() {
    List<Span> spans = fill(view);
    shared.retire();
    ticks.clear();
    spans.forEach(Span::close);
    assertThat(ticks).isEmpty();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  @Timeout(60)
  void theEndWaitsForATickThatRuns() throws InterruptedException {
    CountDownLatch decommits = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Span held = allocator.alloc(64);
    fill(allocator).forEach(Span::close);
    memory.fail(
        (call, number) -> {
          if (call == FakeCodeMemory.Call.DECOMMIT && decommits.getCount() > 0) {
            decommits.countDown();
            awaitQuietly(goOn);
          }
          return null;
        });
    Thread ticking =
        new Thread(
            () -> {
              ticks.remove().run();
              ticks.remove().run();
            });
    ticking.start();
    decommits.await();
    Thread closing = new Thread(allocator::close);
    closing.start();
    while (closing.getState() != Thread.State.WAITING && closing.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(closing.isAlive()).isTrue();
    goOn.countDown();
    closing.join();
    ticking.join();
    assertThat(held.isLive()).isFalse();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
