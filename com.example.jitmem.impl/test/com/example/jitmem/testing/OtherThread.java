// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/// Runs code in a thread that is not the test's, to its end.
public final class OtherThread {
  private OtherThread() {}

  /// Calls on a thread of its own; what the call throws is thrown here.
  ///
  /// @return what the call returned
  public static <T> T call(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread.ofPlatform().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case null, default -> throw new AssertionError(e);
      }
    }
  }

  /// Runs on a thread of its own; what is thrown there is thrown here.
  public static void run(Runnable action) {
    Object done = new Object();
    assertThat(
            call(
                () -> {
                  action.run();
                  return done;
                }))
        .isSameAs(done);
  }

  /// What code throws in another thread.
  public static @Nullable Throwable thrownBy(ThrowingCallable code) throws Exception {
    FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> catchThrowable(code));
    Thread.ofPlatform().start(task);
    return task.get();
  }
}
