// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.MemorySegment;

/// One reserved range of addresses and the memory committed in it.
///
/// Offsets are in bytes from the start. Ranges given to [#commit] and [#decommit] are whole pages;
/// calls for ranges that do not overlap may be made at the same time.
public interface CodeRegion {
  /// The whole region at the addresses where it is executed, in the global scope: it stays alive
  /// after [#release()] and must not be handed out as it is.
  ///
  /// @return a read-only segment of the reserved size
  MemorySegment rx();

  /// The addresses that one view of the region takes, guard pages around it included.
  ///
  /// @return the size in bytes
  default long addressSpaceBytes() {
    return rx().byteSize();
  }

  /// Makes memory usable. What it holds is undefined.
  ///
  /// @param offset start of a range without committed memory
  /// @param byteSize its size
  /// @throws VirtMemException if the system refuses; nothing of the range is committed then
  void commit(long offset, long byteSize);

  /// Returns memory to the system. The range may become inaccessible.
  ///
  /// @param offset start of a committed range
  /// @param byteSize its size
  /// @throws VirtMemException if the system refuses; the whole range is still committed then, with
  ///     undefined content
  void decommit(long offset, long byteSize);

  /// The amount of committed memory that is backed by large pages; 0 if they were not
  /// requested, and after [#release()].
  ///
  /// @return the size in bytes
  long largePageBytes();

  /// Copies bytes into committed memory and flushes the instruction cache as the policy says.
  ///
  /// @param offset where to write
  /// @param source the bytes to write, on or off the heap
  /// @param policy whether to flush
  /// @throws VirtMemException if the system refuses to make the memory writable, and nothing is
  ///     written, or to make it executable again: then it cannot be executed until a later write to
  ///     it has succeeded
  void write(long offset, MemorySegment source, CachePolicy policy);

  /// Fills committed memory with a pattern and flushes the instruction cache.
  ///
  /// @param offset start of the range, a multiple of 4
  /// @param byteSize its size, a multiple of 4
  /// @param pattern 32 bits whose lowest byte is stored first
  /// @throws VirtMemException if the system refuses to make the memory writable
  void fill(long offset, long byteSize, int pattern);

  /// Returns the addresses and all memory to the system. Failures are logged; the region cannot
  /// be used any more in any case.
  void release();
}
