// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/// A scope in which code of one segment is written; see [VirtMem#openReadWriteScope].
///
/// A scope belongs to the thread that opened it and must be closed by it.
@ProviderType
public interface ProtectJitReadWriteScope extends AutoCloseable {
  /// Copies code to the segment this scope was opened for.
  ///
  /// @param offset where to write, in bytes from the start of the segment
  /// @param source the bytes to write, on or off the heap
  /// @throws IndexOutOfBoundsException if the bytes do not fit
  /// @throws IllegalStateException if the scope is closed, or the memory has been made read-only
  ///     since it was opened
  /// @throws WrongThreadException if another thread opened the scope
  void write(long offset, MemorySegment source);

  /// Ends the scope: the memory is executable again and, unless the policy is
  /// [CachePolicy#NEVER_FLUSH], the instruction cache is flushed for what was written. Does nothing
  /// if the scope is already closed.
  ///
  /// @throws WrongThreadException if another thread opened the scope
  @Override
  void close();
}
