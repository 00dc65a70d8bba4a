// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Keeps what the component logs, and keeps it off the console.
final class LogRecorder extends Handler implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 20;

  /// Held here, because the log manager holds loggers weakly.
  private final Logger logger = Logger.getLogger("com.example.jitmem");

  private final BlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();

  private LogRecorder() {}

  /// Begins to record.
  static LogRecorder start() {
    LogRecorder recorder = new LogRecorder();
    recorder.logger.setUseParentHandlers(false);
    recorder.logger.addHandler(recorder);
    return recorder;
  }

  /// Waits for a message, and takes it and all before it.
  ///
  /// @param level the level it must have
  /// @param parts what it must contain
  String await(Level level, String... parts) throws InterruptedException {
    List<String> others = new ArrayList<>();
    for (LogRecord record = next(); record != null; record = next()) {
      String message = record.getMessage();
      if (record.getLevel().equals(level) && Arrays.stream(parts).allMatch(message::contains)) {
        return message;
      }
      others.add(record.getLevel() + " " + message);
    }
    throw new AssertionError(
        "No message of level " + level + " with " + List.of(parts) + " but " + others);
  }

  /// The messages since the last awaited one that are warnings or errors.
  List<String> warnings() {
    return records.stream()
        .filter(record -> record.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogRecord::getMessage)
        .toList();
  }

  @Override
  public void publish(LogRecord record) {
    records.add(record);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }

  private @Nullable LogRecord next() throws InterruptedException {
    return records.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }
}
