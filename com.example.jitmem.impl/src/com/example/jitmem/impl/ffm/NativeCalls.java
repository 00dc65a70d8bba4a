// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

/// The way to all functions of the C library: what stands between an operating system's code and
/// the system itself.
///
/// That it is one method makes it easy to stand in for: a test can record every call, answer it in
/// the place of a system that is not there, or let the k-th call fail.
///
/// Implementations are thread-safe.
@FunctionalInterface
public interface NativeCalls {
  /// Calls a function.
  ///
  /// @param function the function
  /// @param arguments its arguments, as many as it has parameters
  /// @return what it returned, with the error code it left
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the C library has no such function,
  ///     or if the JVM denies native access; the message names the flag that allows it
  Result call(CFunction function, long... arguments);

  /// What a call returned.
  ///
  /// @param value the result
  /// @param error the error code the function left in the thread, meaningful only where `value`
  ///     says that it failed
  record Result(long value, int error) {}
}
