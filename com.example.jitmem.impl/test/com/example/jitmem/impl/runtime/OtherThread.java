// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/// Runs code in a thread that is not the test's.
final class OtherThread {
  private OtherThread() {}

  /// What code throws in another thread.
  static @Nullable Throwable thrownBy(ThrowingCallable code) throws Exception {
    FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> catchThrowable(code));
    Thread.ofPlatform().start(task);
    return task.get();
  }
}
