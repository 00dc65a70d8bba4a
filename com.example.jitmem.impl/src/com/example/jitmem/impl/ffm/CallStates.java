// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/// Memory into which calls capture the error code they leave: one piece for each thread, virtual
/// threads included, and a spare one.
///
/// The JVM copies the code there before anything else can run in the thread. A thread is inside of
/// one call at a time and reads the code before it makes the next one, so that no other thread
/// writes to its piece. The spare one serves threads that make their first call when the process
/// has no memory left, most likely to free some; they use it one at a time.
///
/// Thread-safe.
final class CallStates {
  /// A call that captures its state.
  interface Capturing {
    /// Calls.
    ///
    /// @param captured where the state is captured
    /// @return the result
    long call(MemorySegment captured) throws Throwable;
  }

  private final long errorOffset;
  private final ThreadLocal<MemorySegment> ofThread;
  private final MemorySegment spare;

  /// Allocates native memory.
  ///
  /// @param errorName the part of the state that is the error code
  CallStates(String errorName) {
    this(errorName, CallStates::allocate);
  }

  /// @param errorName the part of the state that is the error code
  /// @param memory gives a new piece, or throws [OutOfMemoryError]
  CallStates(String errorName, Supplier<MemorySegment> memory) {
    this.errorOffset =
        Linker.Option.captureStateLayout()
            .byteOffset(MemoryLayout.PathElement.groupElement(errorName));
    this.spare = memory.get();
    this.ofThread = ThreadLocal.withInitial(memory);
  }

  /// Freed when the thread has ended.
  private static MemorySegment allocate() {
    return Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
  }

  /// Calls, and notes in a result what the call returned and which error it left.
  void capture(NativeCalls.Result result, Capturing call) throws Throwable {
    MemorySegment own;
    try {
      own = ofThread.get();
    } catch (OutOfMemoryError e) {
      synchronized (spare) {
        capture(spare, result, call);
      }
      return;
    }
    capture(own, result, call);
  }

  private void capture(MemorySegment captured, NativeCalls.Result result, Capturing call)
      throws Throwable {
    long value = call.call(captured);
    result.set(value, captured.get(ValueLayout.JAVA_INT, errorOffset));
  }
}
