// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/// Writes code into a span and returns how much of it is needed.
///
/// @param <C> the type of the object that is passed through to the writer
/// @param <X> the exception that writing may throw
@ConsumerType
@FunctionalInterface
public interface SpanWriter<C, X extends Exception> {
  /// Writes code.
  ///
  /// @param target the whole span, writable; it ends when this method returns and belongs to the
  ///     calling thread
  /// @param context the object that was passed to the allocator together with the writer
  /// @return how many bytes from the start of the span to keep: from 1 to the size of `target`. The
  ///     granules after them are freed.
  /// @throws X if the code cannot be written; the span keeps its size
  long write(MemorySegment target, C context) throws X;
}
