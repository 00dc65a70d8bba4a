// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.MemorySegment;

/// A session in which ranges of committed memory are writable. Ranges made writable stay so
/// until the session ends, so that many writes cost one change of protection and one flush.
///
/// A session belongs to the thread that opened it.
public interface WriteSession extends AutoCloseable {
  /// Makes a committed range writable.
  ///
  /// @param region a region of the memory the session was opened on
  /// @param offset start of the range
  /// @param byteSize its size
  /// @return where to write, in the global scope: must not be handed out as it is. It may be
  ///     another address than the executed one, or a copy that is brought in place by [#flush()].
  /// @throws VirtMemException if the system refuses
  MemorySegment writable(CodeRegion region, long offset, long byteSize);

  /// Notes that a part of a range made writable was written, so that it is flushed.
  ///
  /// @param region the region
  /// @param offset start of the part
  /// @param byteSize its size
  void written(CodeRegion region, long offset, long byteSize);

  /// Makes everything written so far ready to run.
  ///
  /// @throws VirtMemException if the system refuses
  void flush();

  /// Flushes and ends the session; memory is executable again.
  ///
  /// @throws VirtMemException if the system refuses
  @Override
  void close();
}
