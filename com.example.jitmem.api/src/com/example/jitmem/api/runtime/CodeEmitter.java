// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/// Produces code that knows the address it will run at.
///
/// @param <X> the exception that emitting may throw
@ConsumerType
@FunctionalInterface
public interface CodeEmitter<X extends Exception> {
  /// Writes code.
  ///
  /// @param rx where the first byte of `out` will run. Read-only.
  /// @param out where to write the code; it ends when this method returns and belongs to the
  ///     calling thread
  /// @return how many bytes were written from the start of `out`, from 1 to its size
  /// @throws X if the code cannot be produced; no function is added then
  long emit(MemorySegment rx, MemorySegment out) throws X;
}
