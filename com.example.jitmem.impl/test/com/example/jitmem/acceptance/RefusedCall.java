// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// A call that must be refused.
///
/// @param method the method of the API, as `Type.name(ParameterTypes)`
/// @param wrong what is wrong with the call
/// @param expected the exception that the documentation promises
/// @param call the call
record RefusedCall(
    String method, String wrong, Class<? extends Throwable> expected, ThrowingCallable call) {
  /// Refused calls of several methods, in the order in which they were added.
  static final class Table {
    private final List<RefusedCall> calls = new ArrayList<>();

    Table refuses(
        String method, String wrong, Class<? extends Throwable> expected, ThrowingCallable call) {
      calls.add(new RefusedCall(method, wrong, expected, call));
      return this;
    }

    Table refusesNull(String method, ThrowingCallable call) {
      return refuses(method, "null", NullPointerException.class, call);
    }

    Table refusesArgument(String method, String wrong, ThrowingCallable call) {
      return refuses(method, wrong, IllegalArgumentException.class, call);
    }

    Table refusesState(String method, String wrong, ThrowingCallable call) {
      return refuses(method, wrong, IllegalStateException.class, call);
    }

    Table refusesThread(String method, ThrowingCallable call) {
      return refuses(method, "another thread", WrongThreadException.class, call);
    }

    List<RefusedCall> calls() {
      return List.copyOf(calls);
    }
  }

  /// A reference that the API says is never null.
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  static <T> T none() {
    return null;
  }

  @Override
  public String toString() {
    return method + ": " + wrong;
  }
}
