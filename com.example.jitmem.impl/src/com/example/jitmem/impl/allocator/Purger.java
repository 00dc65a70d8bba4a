// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Gives empty memory back a little later than it became empty, so that memory that is used again
/// at once costs no call to the system. It ticks only as long as there is something to wait for,
/// and keeps no allocator alive.
final class Purger {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);
  private static final long INTERVAL_MILLIS = 50;

  /// Runs a task one interval later, on a thread of its own: the common pool may be busy for long.
  static final Executor LATER =
      CompletableFuture.delayedExecutor(
          INTERVAL_MILLIS, TimeUnit.MILLISECONDS, Purger::runInThread);

  private final SpanCore core;
  private final Executor later;

  /// Held while memory is given back, so that whoever wants all of it back waits for what is on its
  /// way. Taken before the lock of the core.
  private final ReentrantLock running = new ReentrantLock();

  private boolean requested;

  /// Changed under the lock of the core, by one tick at a time.
  private volatile int tick;

  Purger(SpanCore core, Executor later) {
    this.core = core;
    this.later = later;
  }

  private static void runInThread(Runnable task) {
    try {
      Thread.ofPlatform().daemon().name("jitmem purge").start(task);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.DEBUG, "No thread can be started to give empty code memory back", e);
      task.run();
    }
  }

  /// The number of the tick to come.
  int tick() {
    return tick;
  }

  /// Asks for a tick, under the lock of the core.
  void request() {
    if (!requested) {
      WeakReference<SpanCore> reference = new WeakReference<>(core);
      try {
        later.execute(() -> tick(reference));
        requested = true;
      } catch (RuntimeException | Error e) {
        // A JVM that can start no thread; the next one who asks tries again
        LOG.log(Level.DEBUG, "Empty code memory is not given back for now", e);
      }
    }
  }

  private static void tick(WeakReference<SpanCore> reference) {
    SpanCore core = reference.get();
    if (core != null) {
      core.purger.tickNow();
    }
  }

  private void tickNow() {
    try {
      running.lock();
      try {
        if (new Purge(core, beginTick()).run()) {
          requestAgain();
        }
      } finally {
        running.unlock();
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "Empty code memory could not be given back", e);
    }
  }

  /// Begins a tick.
  ///
  /// @return its number
  private int beginTick() {
    core.lock();
    try {
      requested = false;
      int before = tick;
      tick = before + 1;
      return before;
    } finally {
      core.unlock();
    }
  }

  private void requestAgain() {
    core.lock();
    try {
      request();
    } finally {
      core.unlock();
    }
  }

  /// Gives back all that is empty now but what is kept.
  void purgeNow() {
    running.lock();
    try {
      new Purge(core, Integer.MAX_VALUE).run();
    } finally {
      running.unlock();
    }
  }

  /// Gives memory back when nobody else does.
  ///
  /// @param choice chooses the memory, under the lock of the core
  void giveBack(Consumer<Reclaimer> choice) {
    running.lock();
    try {
      Reclaimer reclaimer = new Reclaimer(core);
      core.lock();
      try {
        choice.accept(reclaimer);
      } finally {
        core.unlock();
      }
      reclaimer.run();
    } finally {
      running.unlock();
    }
  }
}
