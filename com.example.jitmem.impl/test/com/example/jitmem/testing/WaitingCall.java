// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A call of [MachineCode#waitForOrder] in a thread of its own, which has begun when the
/// constructor returns and ends on [#finish].
public final class WaitingCall implements AutoCloseable {
  private static final VarHandle INT = JAVA_INT.varHandle();

  private final Arena arena = Arena.ofShared();
  private final MemorySegment flags = arena.allocate(8, 4);
  private final FutureTask<Integer> call;

  /// Begins the call.
  ///
  /// @param waitForOrder a function of [MachineCode#WAIT_TYPE]
  public WaitingCall(MethodHandle waitForOrder) {
    call = new FutureTask<>(() -> invoke(waitForOrder));
    Thread.ofPlatform().daemon().start(call);
    while ((int) INT.getVolatile(flags, 4L) == 0) {
      if (call.isDone()) {
        throw new AssertionError("The call has returned: " + call);
      }
      Thread.onSpinWait();
    }
  }

  /// Lets the call return.
  ///
  /// @param order what it is to return, not 0
  /// @return what it returned
  public int finish(int order) {
    INT.setVolatile(flags, 0L, order);
    try {
      return call.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /// Lets the call return if it has not yet.
  @Override
  public void close() {
    finish(1);
    arena.close();
  }

  private int invoke(MethodHandle handle) throws Exception {
    try {
      return (int) handle.invokeExact(flags);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
