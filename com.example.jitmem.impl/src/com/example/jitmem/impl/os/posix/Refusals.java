// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.posix;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;

/// Explains what a system refused. One implementation for each system, which knows its error codes
/// and policies.
@FunctionalInterface
public interface Refusals {
  /// Makes an exception of a call that failed.
  ///
  /// @param function the function
  /// @param errno the error code it left
  /// @param arguments the arguments it was called with
  /// @return an exception with the call, the code, its symbol and advice, to be thrown
  VirtMemException of(CFunction function, int errno, long... arguments);
}
