// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One daemon thread for the ticks of all allocators. It exists while there is a tick to wait for,
/// has no context class loader and inherits no thread-locals, so it keeps nothing of the thread
/// that happened to start it.
final class PurgeThread implements PurgeTimer.Scheduler {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  /// The instance of this class loader.
  static final PurgeThread INSTANCE = new PurgeThread();

  /// In the order in which they are due: each is due one interval after it came.
  private final Deque<Entry> entries = new ArrayDeque<>();

  private boolean running;

  private record Entry(Runnable task, long dueNanos) {}

  @Override
  public synchronized void schedule(Runnable task) {
    long interval = TimeUnit.MILLISECONDS.toNanos(PurgeTimer.INTERVAL_MILLIS);
    Entry entry = new Entry(task, System.nanoTime() + interval);
    if (!running) {
      start();
      running = true;
    }
    entries.addLast(entry);
  }

  private void start() {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("jitmem purge")
            .inheritInheritableThreadLocals(false)
            .unstarted(this::runAll);
    thread.setContextClassLoader(null);
    thread.start();
  }

  /* A thread that has nothing to wait for ends at once: it would keep the class loader. */
  @Override
  public synchronized void cancel(Runnable task) {
    entries.removeIf(entry -> entry.task.equals(task));
    notifyAll();
  }

  private void runAll() {
    for (Runnable task = await(); task != null; task = await()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        logQuietly(e);
      }
    }
  }

  /* The tasks of others have to run, also if the log fails. */
  private static void logQuietly(Throwable failure) {
    try {
      LOG.log(Level.WARNING, "Empty code memory could not be decommitted", failure);
    } catch (RuntimeException | Error ignored) {
      // There is no other way to report it
    }
  }

  /// Waits for a task.
  ///
  /// @return null if there is none to wait for: the thread has to end
  private synchronized @Nullable Runnable await() {
    while (!entries.isEmpty()) {
      long left = entries.getFirst().dueNanos - System.nanoTime();
      if (left <= 0) {
        return entries.removeFirst().task;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        LOG.log(Level.DEBUG, "An interrupt has no meaning for the purge", e);
      }
    }
    running = false;
    return null;
  }
}
