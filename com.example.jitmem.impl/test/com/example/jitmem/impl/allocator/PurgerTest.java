// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When empty memory goes back to the system. Ticks run when the test says so.
class PurgerTest {
  private static final long BLOCK = 65536;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Deque<Runnable> ticks = new ArrayDeque<>();
  private final OwnedAllocator allocator =
      new OwnedAllocator(memory, JitAllocatorParameters.defaults(), ticks::add, System::nanoTime);

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(allocator.core());
  }

  private List<Span> fill(int blocks) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < blocks * 64; i++) {
      spans.add(allocator.alloc(1024));
    }
    return spans;
  }

  private void tick() {
    ticks.remove().run();
  }

  private void requireKeptForOneTick() {
    long committed = memory.committedBytes();
    tick();
    assertThat(memory.committedBytes()).isEqualTo(committed);
    tick();
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
  }

  @Test
  void memoryIsKeptForOneTickAndGivenBackInTheNext() {
    fill(10).forEach(Span::close);
    requireKeptForOneTick();
  }

  @Test
  void allBlocksOfALargeSpanAreKeptForOneTick() {
    Span large = allocator.alloc(5 * BLOCK);
    while (!ticks.isEmpty()) {
      tick();
    }
    large.close();
    requireKeptForOneTick();
  }

  @Test
  void whatAWriterLeftBehindWithoutSeeingItIsCollectedByATick() {
    PlainSpan span = (PlainSpan) allocator.alloc(64);
    WriterSlots writers = allocator.core().writers;
    long place = span.region.place(span.start);
    assertThat(writers.tryAnnounce(place)).isTrue();
    span.close();
    assertThat(writers.withheld()).isNotEmpty();
    // What it returns is what the writer may see too early
    writers.leave(place);
    tick();
    assertThat(writers.withheld()).isEmpty();
    assertThat(ticks).isEmpty();
  }

  @Test
  void ticksEndWhenThereIsNothingToGiveBack() {
    fill(10).forEach(Span::close);
    while (!ticks.isEmpty()) {
      tick();
    }
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
    allocator.alloc(64).close();
    assertThat(ticks).isEmpty();
  }

  @Test
  void memoryThatIsFilledIsKeptForOneTickToo() {
    OwnedAllocator filling =
        new OwnedAllocator(
            memory,
            JitAllocatorParameters.defaults().with(JitAllocatorOption.FILL_UNUSED_MEMORY),
            ticks::add,
            System::nanoTime);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 300 * 64; i++) {
      spans.add(filling.alloc(1024));
    }
    while (!ticks.isEmpty()) {
      tick();
    }
    spans.forEach(Span::close);
    tick();
    assertThat(memory.committedBytes()).isGreaterThanOrEqualTo(300 * BLOCK);
    tick();
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
  }

  @Test
  void memoryThatWaitedForAWriterIsKeptForOneTickToo() {
    List<Span> spans = fill(10);
    while (!ticks.isEmpty()) {
      tick();
    }
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      for (Span span : spans) {
        scope.write(span, writable -> 1024);
      }
      spans.forEach(Span::close);
    }
    requireKeptForOneTick();
  }

  @Test
  void refusalsThatRepeatAreLoggedOnceASecond() {
    OwnedAllocator filling =
        new OwnedAllocator(
            memory,
            JitAllocatorParameters.defaults().with(JitAllocatorOption.FILL_UNUSED_MEMORY),
            ticks::add,
            System::nanoTime);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      spans.add(filling.alloc(1024));
    }
    memory.failEvery(FakeCodeMemory.Call.FILL);
    List<String> messages = new ArrayList<>();
    Logger logger = Logger.getLogger(LoggerNames.ALLOCATOR);
    Handler handler = new ListHandler(messages);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      spans.forEach(Span::close);
      filling.close();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    assertThat(messages).hasSizeBetween(2, 20);
    assertThat(messages.getLast()).contains("set aside", "the last of");
  }

  private static final class ListHandler extends Handler {
    private final List<String> messages;

    ListHandler(List<String> messages) {
      this.messages = messages;
    }

    @Override
    public synchronized void publish(LogRecord record) {
      messages.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void ticksEndWhenTheSystemTakesNothingBack() {
    memory.failEvery(FakeCodeMemory.Call.DECOMMIT);
    fill(10).forEach(Span::close);
    for (int i = 0; i < 5 && !ticks.isEmpty(); i++) {
      tick();
    }
    assertThat(ticks).isEmpty();
    assertThat(memory.count(FakeCodeMemory.Call.DECOMMIT)).isEqualTo(1);
    memory.failNothing();
    fill(12).forEach(Span::close);
    tick();
    tick();
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
  }

  @Test
  @Timeout(60)
  void ticksDoNotWaitForTheCommonPool() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    for (int i = 0; i < 2 * ForkJoinPool.getCommonPoolParallelism() + 2; i++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                try {
                  end.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    CountDownLatch ticked = new CountDownLatch(1);
    PurgeThread.INSTANCE.schedule(ticked::countDown);
    boolean inTime = ticked.await(30, TimeUnit.SECONDS);
    end.countDown();
    assertThat(inTime).isTrue();
  }

  @Test
  void aRegionIsKeptForOneTickToo() {
    List<Span> spans = fill(300);
    assertThat(memory.regions).hasSize(2);
    spans.forEach(Span::close);
    requireKeptForOneTick();
    assertThat(memory.regions).hasSize(1);
  }

  @Test
  void aRegionThatIsUsedAgainStays() {
    for (int i = 0; i < 5; i++) {
      List<Span> spans = fill(300);
      tick();
      spans.forEach(Span::close);
    }
    assertThat(memory.count(FakeCodeMemory.Call.RESERVE)).isEqualTo(2);
  }

  @Test
  void memoryThatIsUsedAgainStays() {
    fill(15).forEach(Span::close);
    tick();
    List<Span> spans = fill(15);
    long committed = memory.committedBytes();
    tick();
    assertThat(memory.committedBytes()).isEqualTo(committed);
    assertThat(spans).allMatch(Span::isLive);
  }

  @Test
  void whatIsCommittedAheadGoesWithTheNextTicks() {
    fill(40);
    while (!ticks.isEmpty()) {
      tick();
    }
    assertThat(memory.committedBytes() - allocator.core().counters.usedBytes).isLessThan(3 * BLOCK);
  }

  @Test
  void oneSpanThatComesAndGoesAsksForNoTick() {
    for (int i = 0; i < 100; i++) {
      allocator.alloc(64).close();
    }
    assertThat(ticks).isEmpty();
    assertThat(memory.committedBytes()).isEqualTo(BLOCK);
  }

  /* Two parts of the memory are left, so that the spans of the first are released without being
   * joined with what is at the end, and all runs are cleared when the last of them ends. */
  @Test
  void spansThatWaitedInBlocksGivenBackAreNotForgottenWhenTheBlocksComeAgain() {
    List<Span> spans = fill(20);
    int part = spans.size() / 4;
    spans.subList(part, 2 * part).forEach(Span::close);
    spans.subList(3 * part, 4 * part).forEach(Span::close);
    tick();
    tick();
    assertThat(memory.committedBytes()).isLessThan(14 * BLOCK);
    spans.subList(2 * part, 3 * part).forEach(Span::close);
    spans.subList(0, part).forEach(Span::close);
    List<Span> again = fill(20);
    long committed = memory.committedBytes();
    again.subList(1, again.size() - 1).forEach(Span::close);
    assertThat(allocator.alloc(19 * BLOCK).isLive()).isTrue();
    assertThat(memory.committedBytes()).isEqualTo(committed);
  }

  @Test
  void aTickThatNoThreadCanRunIsRunByTheNextOperation() {
    long[] now = {0};
    boolean[] refuses = {true};
    OwnedAllocator other =
        new OwnedAllocator(
            memory,
            JitAllocatorParameters.defaults(),
            task -> {
              if (refuses[0]) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              ticks.add(task);
            },
            () -> now[0]);
    other.alloc(3 * BLOCK).close();
    long committed = memory.committedBytes();
    now[0] += TimeUnit.MILLISECONDS.toNanos(PurgeTimer.INTERVAL_MILLIS);
    other.alloc(64).close();
    now[0] += TimeUnit.MILLISECONDS.toNanos(PurgeTimer.INTERVAL_MILLIS);
    other.alloc(64).close();
    now[0] += TimeUnit.MILLISECONDS.toNanos(PurgeTimer.INTERVAL_MILLIS);
    other.alloc(64).close();
    assertThat(memory.committedBytes()).isLessThan(committed);
    assertThat(ticks).isEmpty();
    refuses[0] = false;
    now[0] += TimeUnit.SECONDS.toNanos(30);
    other.alloc(3 * BLOCK).close();
    assertThat(ticks).isNotEmpty();
    SelfCheck.of(other.core());
  }

  @Test
  void aThreadThatCannotBeStartedIsNotTriedWithEachOperation() {
    int[] tries = {0};
    long[] now = {0};
    OwnedAllocator other =
        new OwnedAllocator(
            memory,
            JitAllocatorParameters.defaults(),
            task -> {
              tries[0]++;
              throw new OutOfMemoryError("unable to create native thread");
            },
            () -> now[0]);
    for (int i = 0; i < 10_000; i++) {
      other.alloc(3 * BLOCK).close();
      now[0] += 10_000;
    }
    assertThat(tries[0]).isBetween(1, 4);
  }
}
