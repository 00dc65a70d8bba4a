// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import java.util.function.Function;

/// A public operation of which every system call is refused once.
///
/// @param name what it does
/// @param mayFail whether it may throw when the system refuses something
/// @param givesUp whether it gives memory up, which stays given up when a later step is refused
/// @param prepare sets up what it needs and returns the operation itself
/// @param <S> what it is made on
record Operation<S extends Stage>(
    String name, boolean mayFail, boolean givesUp, Function<S, Runnable> prepare) {
  /// An operation that is documented to throw when the system refuses; nothing has changed then.
  static <S extends Stage> Operation<S> failing(String name, Function<S, Runnable> prepare) {
    return new Operation<>(name, true, false, prepare);
  }

  /// An operation in which code tells how much memory it needs, before it is brought in place.
  static <S extends Stage> Operation<S> givingUp(String name, Function<S, Runnable> prepare) {
    return new Operation<>(name, true, true, prepare);
  }

  /// An operation that must succeed whatever the system refuses.
  static <S extends Stage> Operation<S> succeeding(String name, Function<S, Runnable> prepare) {
    return new Operation<>(name, false, false, prepare);
  }
}
