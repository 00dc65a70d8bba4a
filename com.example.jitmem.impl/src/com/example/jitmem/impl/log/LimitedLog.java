// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Logs what may happen very often: at most once a second for each kind of message and each holder.
///
/// The first message is logged at once. Of those within a second after it the last is logged when
/// the second is over, with their count, so that what the log says last is what happened last.
///
/// All methods are thread-safe.
public final class LimitedLog implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// How many kinds and holders are remembered before those are forgotten that are silent.
  private static final int MAX_SILENT = 100;

  /// Runs something later.
  interface Scheduler {
    /// Runs a task once.
    void runAfter(long nanos, Runnable task);
  }

  private record Key(String kind, String holder) {}

  private record Message(Level level, String text, @Nullable Throwable thrown) {}

  /// What was not logged in the second after a message.
  private static final class History {
    private final long beginNanos;
    private int heldBack;
    private @Nullable Message latest;

    History(long beginNanos) {
      this.beginNanos = beginNanos;
    }

    int hold(Message message) {
      latest = message;
      heldBack++;
      return heldBack;
    }
  }

  private final Logger logger;
  private final LongSupplier clock;
  private final Scheduler scheduler;
  private final Map<Key, History> histories = new HashMap<>();

  /// Begins with nothing held back.
  ///
  /// @param logger where the messages go
  public LimitedLog(Logger logger) {
    this(logger, System::nanoTime, LimitedLog::runInThreadAfter);
  }

  LimitedLog(Logger logger, LongSupplier clock, Scheduler scheduler) {
    this.logger = logger;
    this.clock = clock;
    this.scheduler = scheduler;
  }

  /// Logs a message now or, with those after it, within a second.
  ///
  /// @param level the level
  /// @param kind what happened
  /// @param holder to which bundle, configuration or other thing it happened
  /// @param text what is logged
  /// @param thrown what was thrown, if it is to be logged
  public void log(
      Level level, String kind, String holder, String text, @Nullable Throwable thrown) {
    Key key = new Key(kind, holder);
    Message message = new Message(level, text, thrown);
    boolean isHeldBack;
    long waitNanos = 0;
    synchronized (histories) {
      long now = clock.getAsLong();
      forgetSilent(now);
      History history = histories.get(key);
      isHeldBack = history != null && (history.heldBack > 0 || !isOver(history, now));
      if (history == null || !isHeldBack) {
        histories.put(key, new History(now));
      } else if (history.hold(message) == 1) {
        waitNanos = Math.max(1, history.beginNanos + PERIOD_NANOS - now);
      }
    }
    if (!isHeldBack) {
      write(message, 0);
    } else if (waitNanos > 0) {
      scheduler.runAfter(waitNanos, () -> writeHeldBack(key));
    }
  }

  /// Logs what was held back.
  @Override
  public void close() {
    List<Key> keys;
    synchronized (histories) {
      keys = List.copyOf(histories.keySet());
    }
    keys.forEach(this::writeHeldBack);
  }

  private void writeHeldBack(Key key) {
    Message message;
    int count;
    synchronized (histories) {
      History history = histories.get(key);
      if (history == null || history.latest == null) {
        return;
      }
      message = history.latest;
      count = history.heldBack;
      histories.put(key, new History(clock.getAsLong()));
    }
    write(message, count);
  }

  private void write(Message message, int count) {
    String text =
        count < 2
            ? message.text()
            : message.text() + " (the last of " + count + " within a second)";
    logger.log(message.level(), text, message.thrown());
  }

  private void forgetSilent(long now) {
    if (histories.size() > MAX_SILENT) {
      histories.values().removeIf(history -> history.heldBack == 0 && isOver(history, now));
    }
  }

  private static boolean isOver(History history, long now) {
    return now - history.beginNanos >= PERIOD_NANOS;
  }

  /// A virtual thread has neither a class loader of its starter nor its thread-locals.
  private static void runInThreadAfter(long nanos, Runnable task) {
    Thread.ofVirtual()
        .name("jitmem-log")
        .inheritInheritableThreadLocals(false)
        .start(
            () -> {
              try {
                TimeUnit.NANOSECONDS.sleep(nanos);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              task.run();
            });
  }
}
