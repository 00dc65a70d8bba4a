// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The port to all C functions: everything that the code for an operating system calls goes through
/// it.
///
/// One method is easy to replace: a test can record every call, answer it instead of a system that
/// is not there, or let the k-th call fail.
///
/// Implementations are thread-safe.
@FunctionalInterface
public interface NativeCalls {
  /// Calls a function.
  ///
  /// @param function the function
  /// @param arguments its arguments, as many as it has parameters
  /// @return what it returned, with the error code it left
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if there is no such function or
  ///     library, or if the JVM denies native access; the message names the flag that allows it
  Result call(CFunction function, long... arguments);

  /// What a call returned. Does not change once it is handed out.
  ///
  /// Not a record, because it has to exist before the call is made: if the JVM had no memory left
  /// for it afterwards, what the system has done would be lost.
  final class Result {
    private long value;
    private int error;

    /// Describes the outcome of a call.
    ///
    /// @param value the result
    /// @param error the error code
    public Result(long value, int error) {
      this.value = value;
      this.error = error;
    }

    void set(long newValue, int newError) {
      value = newValue;
      error = newError;
    }

    /// The result.
    ///
    /// @return the value; 0 of a function without one
    public long value() {
      return value;
    }

    /// The error code the function left in the thread, meaningful only where [#value()] says that
    /// it failed.
    ///
    /// @return the code
    public int error() {
      return error;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Result that && value == that.value && error == that.error;
    }

    @Override
    public int hashCode() {
      return Objects.hash(value, error);
    }

    @Override
    public String toString() {
      return value + " with error " + error;
    }
  }
}
