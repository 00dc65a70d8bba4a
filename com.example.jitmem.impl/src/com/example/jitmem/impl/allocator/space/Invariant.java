// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

/// What a walk over tables requires of them.
public final class Invariant {
  private Invariant() {}

  /// Requires that a running figure is what a walk has found.
  ///
  /// @param what the figure
  /// @param counted the running figure
  /// @param found what the walk has found
  /// @throws IllegalStateException naming both if it is not
  public static void requireEqual(String what, long counted, long found) {
    require(counted == found, what + ": counted " + counted + ", found " + found);
  }

  /// Requires a condition.
  ///
  /// @param condition what must hold
  /// @param fault what is wrong if it does not
  /// @throws IllegalStateException naming the fault if it does not hold
  public static void require(boolean condition, String fault) {
    if (!condition) {
      throw new IllegalStateException("The allocator's tables are wrong: " + fault);
    }
  }
}
