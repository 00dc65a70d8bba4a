// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/// Measures how long a row takes.
final class RowTimer {
  /// Long enough for HotSpot to compile what is measured.
  private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private static final int RUN_COUNT = 11;

  /// How long a run takes at least, so that the clock's resolution does not matter.
  private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private RowTimer() {}

  /// Runs something again and again.
  ///
  /// @param rowCount the rows that one pass works on
  /// @return the median of several runs after a warm-up, in nanoseconds per row
  static double medianNanosPerRow(long rowCount, Runnable pass) {
    long warmUpPasses = 0;
    long start = System.nanoTime();
    long elapsed;
    do {
      pass.run();
      warmUpPasses++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < WARM_UP_NANOS);

    long passes = Math.max(1, RUN_NANOS * warmUpPasses / elapsed);
    return DoubleStream.generate(() -> nanos(passes, pass) / ((double) passes * rowCount))
        .limit(RUN_COUNT)
        .sorted()
        .skip(RUN_COUNT / 2)
        .findFirst()
        .orElseThrow();
  }

  private static long nanos(long passes, Runnable pass) {
    long start = System.nanoTime();
    for (long i = 0; i < passes; i++) {
      pass.run();
    }
    return System.nanoTime() - start;
  }
}
