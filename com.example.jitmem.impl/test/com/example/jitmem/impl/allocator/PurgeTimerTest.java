// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The timer alone: a lock stands for that of the core, and the action notes which requests have
/// had their tick.
class PurgeTimerTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = Math.min(20_000, Integer.getInteger("jitmem.test.ops", 2000));
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(PurgeTimer.INTERVAL_MILLIS);

  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Runnable> scheduled = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean refuses = new AtomicBoolean();
  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final PurgeTimer timer = new PurgeTimer(this::start, now::get);

  /// Whether a request waits for its tick. Guarded by the lock.
  private boolean waiting;

  PurgeTimerTest() {
    timer.setAction(this::tick);
  }

  private void start(Runnable task) {
    starts.incrementAndGet();
    if (refuses.get()) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    scheduled.add(task);
  }

  private void tick() {
    lock.lock();
    try {
      timer.beginTick();
      waiting = false;
    } finally {
      lock.unlock();
    }
  }

  /// An operation that empties memory, or one that does not.
  private void operate(boolean requests) {
    boolean schedules = false;
    lock.lock();
    try {
      if (requests) {
        schedules = timer.request();
        waiting = true;
      }
    } finally {
      lock.unlock();
    }
    if (schedules) {
      timer.schedule();
    }
  }

  private void request(PurgeTimer requested) {
    lock.lock();
    try {
      requested.request();
    } finally {
      lock.unlock();
    }
  }

  private void runScheduled() {
    for (Runnable task = scheduled.poll(); task != null; task = scheduled.poll()) {
      task.run();
    }
  }

  private void operateAtRandom(Random random, boolean refusing) {
    for (int i = 0; i < ROUNDS; i++) {
      operate(random.nextInt(3) == 0);
      switch (random.nextInt(50)) {
        case 0 -> refuses.set(refusing && !refuses.get());
        case 1 -> now.addAndGet(INTERVAL * random.nextInt(30));
        default -> {
          if (random.nextBoolean()) {
            runScheduled();
          }
        }
      }
    }
  }

  private static void inThreads(int count, Runnable work) throws Exception {
    CyclicBarrier begin = new CyclicBarrier(count);
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        runs.add(
            threads.submit(
                () -> {
                  begin.await();
                  work.run();
                  return null;
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  /* Many short runs, as a later request makes up for one that was lost. */
  @Test
  @Timeout(120)
  void everyRequestOfManyThreadsHasItsTick() throws Exception {
    long seed = System.nanoTime();
    for (int round = 0; round < 20; round++) {
      Random seeds = new Random(seed + round);
      inThreads(THREADS, () -> operateAtRandom(new Random(seeds.nextLong()), false));
      runScheduled();
      assertThat(waiting).as("a request waits for ever, seed %d", seed).isFalse();
    }
  }

  @Test
  @Timeout(120)
  void aRequestHasItsTickWhateverWasRefusedBefore() throws Exception {
    long seed = System.nanoTime();
    for (int round = 0; round < 20; round++) {
      Random seeds = new Random(seed + round);
      inThreads(THREADS, () -> operateAtRandom(new Random(seeds.nextLong()), true));
      refuses.set(false);
      now.addAndGet(TimeUnit.SECONDS.toNanos(30));
      operate(true);
      runScheduled();
      assertThat(waiting).as("a request waits for ever, seed %d", seed).isFalse();
    }
  }

  @Test
  void aRequestDuringATickHasATickOfItsOwn() {
    operate(true);
    timer.setAction(
        () -> {
          tick();
          timer.setAction(this::tick);
          operate(true);
        });
    runScheduled();
    assertThat(starts).hasValue(2);
    assertThat(waiting).isFalse();
  }

  @Test
  void requestsBeforeATickShareIt() {
    for (int i = 0; i < 10; i++) {
      operate(true);
    }
    assertThat(starts).hasValue(1);
  }

  @Test
  void aRequestBeforeTheEndIsNotScheduledAfterIt() {
    request(timer);
    timer.stop();
    timer.schedule();
    operate(true);
    assertThat(starts).hasValue(0);
  }

  @Test
  void aTickThatWasScheduledDoesNotRunAfterTheEnd() {
    operate(true);
    timer.stop();
    runScheduled();
    assertThat(waiting).isTrue();
  }

  @Test
  void aTickThatNoThreadCouldRunDoesNotRunAfterTheEnd() {
    refuses.set(true);
    operate(true);
    timer.stop();
    now.addAndGet(TimeUnit.SECONDS.toNanos(30));
    operate(false);
    operate(true);
    assertThat(waiting).isTrue();
    assertThat(starts).hasValue(1);
  }

  @Test
  @Timeout(120)
  void noThreadIsStartedAfterTheEndWhateverOthersDo() throws Exception {
    for (int round = 0; round < ROUNDS / 10; round++) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicBoolean startedLate = new AtomicBoolean();
      PurgeTimer ending =
          new PurgeTimer(
              task -> {
                Thread.onSpinWait();
                startedLate.compareAndSet(false, over.get());
              },
              System::nanoTime);
      AtomicInteger turn = new AtomicInteger();
      inThreads(
          2,
          () -> {
            if (turn.getAndIncrement() == 0) {
              ending.stop();
              over.set(true);
            } else {
              request(ending);
              ending.schedule();
            }
          });
      assertThat(startedLate).isFalse();
    }
  }

  @Test
  void manyOperationsRunATickThatIsDueOnce() throws Exception {
    refuses.set(true);
    operate(true);
    AtomicInteger ticks = new AtomicInteger();
    timer.setAction(ticks::incrementAndGet);
    now.addAndGet(INTERVAL);
    inThreads(THREADS, () -> operate(true));
    assertThat(ticks).hasValue(1);
  }
}
