// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.testing.GarbageCollection;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The thread that runs ticks keeps nothing of the thread that happened to start it, and is gone
/// when there is nothing to wait for.
@Timeout(60)
class PurgeThreadTest {
  private static final InheritableThreadLocal<Object> INHERITED = new InheritableThreadLocal<>();
  private static final long LIMIT_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private final PurgeThread scheduler = new PurgeThread();
  private final AtomicReference<Thread> thread = new AtomicReference<>();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);

  /// A task that keeps the thread busy until the test lets it end.
  private void stay() {
    thread.set(Thread.currentThread());
    running.countDown();
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitEnd() throws InterruptedException {
    end.countDown();
    thread.get().join(LIMIT_MILLIS);
    assertThat(thread.get().isAlive()).isFalse();
  }

  /// Schedules a task from a thread that has much to inherit.
  private List<WeakReference<Object>> scheduleFromAnother(Runnable task) throws Exception {
    List<WeakReference<Object>> inheritable = new ArrayList<>();
    Thread starter =
        new Thread(
            () -> {
              ClassLoader loader = new URLClassLoader(new URL[0]);
              Object value = new Object();
              inheritable.add(new WeakReference<>(loader));
              inheritable.add(new WeakReference<>(value));
              Thread.currentThread().setContextClassLoader(loader);
              INHERITED.set(value);
              scheduler.schedule(task);
            });
    starter.start();
    starter.join();
    return inheritable;
  }

  @Test
  void itIsADaemonWithANameAndInheritsNothing() throws Exception {
    AtomicReference<Object> inherited = new AtomicReference<>("not run");
    AtomicReference<ClassLoader> loader = new AtomicReference<>(getClass().getClassLoader());
    scheduleFromAnother(
        () -> {
          inherited.set(INHERITED.get());
          loader.set(Thread.currentThread().getContextClassLoader());
          stay();
        });
    running.await();
    assertThat(thread.get().isDaemon()).isTrue();
    assertThat(thread.get().getName()).isEqualTo("jitmem purge");
    assertThat(inherited).hasValue(null);
    assertThat(loader).hasValue(null);
    awaitEnd();
  }

  @Test
  void itDoesNotKeepTheClassLoaderOfItsFirstCaller() throws Exception {
    List<WeakReference<Object>> inheritable = scheduleFromAnother(this::stay);
    running.await();
    GarbageCollection.repeatUntil(() -> inheritable.stream().allMatch(one -> one.refersTo(null)));
    assertThat(inheritable).hasSize(2).allMatch(one -> one.refersTo(null));
    assertThat(thread.get().isAlive()).isTrue();
    awaitEnd();
  }

  @Test
  void itEndsWhenThereIsNothingToWaitForAndIsStartedAgain() throws Exception {
    end.countDown();
    scheduler.schedule(this::stay);
    running.await();
    awaitEnd();
    Thread first = thread.get();
    CountDownLatch again = new CountDownLatch(1);
    scheduler.schedule(
        () -> {
          thread.set(Thread.currentThread());
          again.countDown();
        });
    again.await();
    assertThat(thread.get()).isNotSameAs(first);
    awaitEnd();
  }

  @Test
  void itEndsAtOnceWhenWhatItWaitsForIsCancelled() throws Exception {
    scheduler.schedule(this::stay);
    running.await();
    List<String> ran = new ArrayList<>();
    Runnable cancelled = () -> ran.add("cancelled");
    scheduler.schedule(cancelled);
    scheduler.cancel(cancelled);
    awaitEnd();
    assertThat(ran).isEmpty();
  }

  @Test
  void aTaskThatFailsKeepsNoOtherFromRunning() throws Exception {
    CountDownLatch last = new CountDownLatch(1);
    scheduler.schedule(
        () -> {
          throw new UnloggableError();
        });
    scheduler.schedule(last::countDown);
    assertThat(last.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
  }

  /// Makes a log that prints it fail, too.
  private static final class UnloggableError extends Error {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw this;
    }
  }
}
