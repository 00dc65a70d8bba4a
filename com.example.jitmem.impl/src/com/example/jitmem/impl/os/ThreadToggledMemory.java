// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.VirtMemException;

/// Memory that each thread can either write or execute. It is written by [#write] only, which lets
/// the thread write for the time of one native call. Refusals are as for [Os].
///
/// Implementations are thread-safe for ranges that do not overlap.
public interface ThreadToggledMemory {
  /// Reserves a range of addresses for such memory, and its guards.
  ///
  /// @param byteSize the size in bytes
  /// @param alignment what the address is a multiple of: a power of two, at least a page
  /// @return the address, to be given to [Os#unreserve]
  /// @throws VirtMemException if the system refuses; nothing is reserved
  long reserve(long byteSize, long alignment);

  /// Makes a part of a reservation usable, once and for all: the system does not let its access be
  /// taken away again.
  ///
  /// @param address the first page of a range that was not committed before
  /// @param byteSize its size
  /// @throws VirtMemException if the system refuses; the range is inaccessible as before
  void commit(long address, long byteSize);

  /// Gives the pages of a committed range back to the system. Its addresses stay accessible; what
  /// they hold is undefined.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @throws VirtMemException if the system refuses; nothing was given back
  void discard(long address, long byteSize);

  /// Tells the system that a range is used again whose pages were given back.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  void reuse(long address, long byteSize);

  /// Copies bytes into committed memory and flushes the instruction cache for them.
  ///
  /// @param address where to write
  /// @param source where to read, not in such memory
  /// @param byteSize how much, from 0
  /// @throws VirtMemException if the system refuses; nothing is written
  void write(long address, long source, long byteSize);
}
