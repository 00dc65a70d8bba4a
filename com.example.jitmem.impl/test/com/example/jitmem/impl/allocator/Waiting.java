// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Waiting for the garbage collector's cleaner, without sleeping for a fixed time in all.
final class Waiting {
  private static final int MILLIS = 20;

  private Waiting() {}

  /// Gives other threads a moment. Callers repeat it a bounded number of times.
  static void shortly() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(MILLIS));
  }
}
