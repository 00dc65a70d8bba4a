// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import java.util.Objects;

/// What a test asserts in a bundle that knows no library.
final class Checks {
  /// Something that may throw.
  interface Action {
    /// Runs.
    void run() throws Throwable;
  }

  private Checks() {}

  /// Asserts that something holds.
  static void that(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /// Asserts that two values are equal.
  static void equal(Object actual, Object expected) {
    that(Objects.equals(actual, expected), actual + " is expected to be " + expected);
  }

  /// Asserts that an action throws an exception of a type.
  static void thrown(Class<? extends Throwable> type, Action action) {
    try {
      action.run();
    } catch (Throwable e) {
      if (type.isInstance(e)) {
        return;
      }
      throw new AssertionError("Thrown is " + e + " and not " + type.getSimpleName(), e);
    }
    throw new AssertionError("Nothing is thrown, but expected is " + type.getSimpleName());
  }
}
