// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SeqLockTest {
  private static final int WAITING = 64;
  private static final int ROUNDS = 20_000;

  private final SeqLock lock = new SeqLock();
  private long counter;

  @Test
  void oneThreadAtATimeHasTheLock() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(Thread.ofPlatform().start(this::count));
      threads.add(Thread.ofVirtual().start(this::count));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(counter).isEqualTo(8L * ROUNDS);
  }

  private void count() {
    for (int i = 0; i < ROUNDS; i++) {
      lock.lock();
      counter++;
      lock.unlock();
    }
  }

  /// There are more of them than threads that carry them.
  @Test
  void virtualThreadsThatWaitLeaveTheirCarriersToOthers() throws InterruptedException {
    List<Thread> waiting = new ArrayList<>();
    lock.lock();
    for (int i = 0; i < WAITING; i++) {
      waiting.add(Thread.ofVirtual().start(this::pass));
    }
    while (waiting.stream().anyMatch(thread -> thread.getState() == Thread.State.NEW)) {
      Thread.onSpinWait();
    }
    CountDownLatch ran = new CountDownLatch(1);
    Thread.ofVirtual().start(ran::countDown);
    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(waiting).allMatch(Thread::isAlive);
    lock.unlock();
    for (Thread thread : waiting) {
      thread.join();
    }
  }

  private void pass() {
    lock.lock();
    lock.unlock();
  }

  @Test
  void aReaderNoticesThatTheLockWasTakenMeanwhile() {
    long read = lock.beginRead();
    assertThat(lock.isUndisturbed(read)).isTrue();
    lock.lock();
    assertThat(lock.beginRead()).isZero();
    assertThat(lock.isUndisturbed(read)).isFalse();
    lock.unlock();
    assertThat(lock.isUndisturbed(read)).isFalse();
    assertThat(lock.isUndisturbed(lock.beginRead())).isTrue();
  }

  /// What is written with the lock held belongs together.
  @Test
  void readersNeverTakeATornStateForAWholeOne() throws InterruptedException {
    long[] pair = new long[2];
    AtomicLong torn = new AtomicLong();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 1; i <= 10 * ROUNDS; i++) {
                    lock.lock();
                    pair[0] = i;
                    pair[1] = -i;
                    lock.unlock();
                  }
                });
    while (writer.isAlive()) {
      long read = lock.beginRead();
      long first = pair[0];
      long second = pair[1];
      if (read != 0 && lock.isUndisturbed(read) && first != -second) {
        torn.incrementAndGet();
      }
    }
    writer.join();
    assertThat(torn).hasValue(0);
  }
}
