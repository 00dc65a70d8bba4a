// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waiting for what happens once nothing reaches an object.
public final class GarbageCollection {
  private static final int MOST_ROUNDS = 500;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private GarbageCollection() {}

  /// Collects garbage until a condition holds, or until the rounds are used up. Between the rounds
  /// the thread of the cleaners gets a moment, which it would not have under emulation.
  ///
  /// @param condition what is waited for; the caller asserts that it holds
  public static void repeatUntil(BooleanSupplier condition) {
    for (int i = 0; i < MOST_ROUNDS && !condition.getAsBoolean(); i++) {
      collect();
    }
  }

  /// Collects garbage some times, for tests in which nothing is to happen.
  ///
  /// @param rounds how often
  public static void repeat(int rounds) {
    for (int i = 0; i < rounds; i++) {
      collect();
    }
  }

  private static void collect() {
    System.gc();
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
