// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// When the next tick of a purge is due. A tick is requested under the lock of the core and
/// scheduled after the lock was released, because starting a thread can take milliseconds.
///
/// Where no thread can be started, the operation that finds a tick due runs it itself, and a thread
/// is tried again after a pause that doubles up to [#LONGEST_PAUSE_NANOS].
final class PurgeTimer {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  /// How long after its request a tick runs.
  static final long INTERVAL_MILLIS = 50;

  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// Runs tasks one interval later, in a thread that refers to nothing of their senders.
  @FunctionalInterface
  interface Scheduler {
    /// Runs a task once, an interval from now.
    ///
    /// @throws RuntimeException or an error if there is no thread for it
    void schedule(Runnable task);

    /// Forgets a task that has not begun.
    ///
    /// @param task what was scheduled
    default void cancel(Runnable task) {}
  }

  private final Scheduler scheduler;
  private final LongSupplier clock;
  private final Runnable scheduled;

  /// What a tick does, set once before the first request.
  private @Nullable Runnable action;

  /// A tick was requested that is neither over nor given up.
  private volatile boolean requested;

  private volatile boolean stopped;
  private volatile int tick;

  /// When an operation may run the tick that no thread runs, and when a thread is tried again.
  private final AtomicLong dueNanos = new AtomicLong();

  private volatile long retryNanos;
  private volatile long pauseNanos;

  PurgeTimer(Scheduler scheduler, LongSupplier clock) {
    this.scheduler = scheduler;
    this.clock = clock;
    // The scheduler keeps no allocator alive
    WeakReference<PurgeTimer> reference = new WeakReference<>(this);
    scheduled = () -> tick(reference);
  }

  private static void tick(WeakReference<PurgeTimer> reference) {
    PurgeTimer timer = reference.get();
    if (timer != null) {
      timer.runTick();
    }
  }

  private void runTick() {
    if (!stopped) {
      Objects.requireNonNull(action).run();
    }
  }

  /// Says what a tick does.
  void setAction(Runnable newAction) {
    action = newAction;
  }

  /// The number of the tick to come. May be read without the lock.
  int tick() {
    return tick;
  }

  /// Requests a tick, under the lock of the core.
  ///
  /// @return whether [#schedule] has to be called when the lock was given back
  boolean request() {
    if (requested || stopped) {
      return false;
    }
    requested = true;
    return true;
  }

  /// Takes a request back that will not be scheduled, so that the next one is not taken for a
  /// repetition.
  void withdrawRequest() {
    requested = false;
  }

  /// Begins a tick, under the lock of the core.
  ///
  /// @return its number
  int beginTick() {
    requested = false;
    int begun = tick;
    tick = begun + 1;
    return begun;
  }

  /// Schedules the tick that was requested, or runs it if no thread can and it is due. Must be
  /// called without the lock of the core.
  void schedule() {
    long now = clock.getAsLong();
    boolean pausing = pauseNanos > 0 && now - retryNanos < 0;
    if (pausing || !trySchedule(now)) {
      requested = false;
      long due = dueNanos.get();
      // One of the operations that find it due
      if (now - due >= 0 && dueNanos.compareAndSet(due, now + INTERVAL_NANOS)) {
        runTick();
      }
    }
  }

  private boolean trySchedule(long now) {
    Throwable refusal = scheduleUnlessStopped(now);
    if (refusal != null) {
      LOG.log(Level.DEBUG, "No thread can be started to decommit empty code memory", refusal);
    }
    return refusal == null;
  }

  /* With the monitor, so that no thread is started after stop() has returned. */
  private synchronized @Nullable Throwable scheduleUnlessStopped(long now) {
    if (stopped) {
      return null;
    }
    try {
      scheduler.schedule(scheduled);
      pauseNanos = 0;
      return null;
    } catch (RuntimeException | Error e) {
      pause(now);
      return e;
    }
  }

  private void pause(long now) {
    long pause = pauseNanos;
    if (pause == 0) {
      dueNanos.set(now + INTERVAL_NANOS);
    }
    long longer = pause == 0 ? INTERVAL_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    retryNanos = now + longer;
    pauseNanos = longer;
  }

  /// Ends the timer: no tick begins and no thread is started any more. One that has begun goes on.
  synchronized void stop() {
    stopped = true;
    scheduler.cancel(scheduled);
  }

  boolean isStopped() {
    return stopped;
  }
}
