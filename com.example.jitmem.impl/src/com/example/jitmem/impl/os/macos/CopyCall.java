// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import com.example.jitmem.impl.ffm.FunctionHandles;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Calls the [CopyRoutine].
///
/// Public for the model that stands in for it in tests.
@FunctionalInterface
public interface CopyCall {
  /// Calls the routine.
  ///
  /// @param routine where it is
  /// @param target its first argument
  /// @param source its second argument
  /// @param byteSize its third argument
  /// @param protect its fourth argument
  /// @param flush its fifth argument
  void call(long routine, long target, long source, long byteSize, long protect, long flush);

  /// Calls the routine itself.
  ///
  /// @return what calls it
  @SuppressWarnings("restricted")
  static CopyCall ofProcess() {
    return (routine, target, source, byteSize, protect, flush) -> {
      FunctionDescriptor type =
          FunctionDescriptor.ofVoid(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG);
      MethodHandle handle = FunctionHandles.linked(type, false, false).unbound();
      try {
        handle.invokeExact(
            MemorySegment.ofAddress(routine), target, source, byteSize, protect, flush);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("A downcall threw", e);
      }
    };
  }
}
