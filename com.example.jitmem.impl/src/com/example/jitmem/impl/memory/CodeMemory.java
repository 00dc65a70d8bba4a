// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.List;

/// Executable memory that is written in one way.
///
/// Implementations are thread-safe.
public interface CodeMemory {
  /// Regions begin at a multiple of this many bytes: the largest alignment a span can ask for.
  long REGION_ALIGNMENT = 2L * 1024 * 1024;

  /// The way in which this memory is written.
  ///
  /// @return the same value in every call
  CodeWriting codeWriting();

  /// The ways that were tried before that one and refused.
  ///
  /// @return an unmodifiable list, the same in every call
  default List<RefusedWay> refusedWays() {
    return List.of();
  }

  /// The unit in which memory changes between written and executed: while a part of a unit is
  /// written, no code of it can run. Spans are to consist of whole units, at multiples of it, so
  /// that writing one does not disturb another.
  ///
  /// @return a power of two in bytes; 1 where code can run while its neighbour is written
  default long writtenUnit() {
    return 1;
  }

  /// The largest region to reserve unless a span needs a larger one: smaller if this process has
  /// few addresses left.
  ///
  /// @param byteSize the size to reserve if addresses are plentiful
  /// @return a size up to that, at least 1 MiB or `byteSize`, if that is less
  default long advisableRegionByteSize(long byteSize) {
    return byteSize;
  }

  /// The smallest step in which memory is committed.
  ///
  /// @return a power of two, in bytes
  long pageSize();

  /// The size of the large pages that regions use where they can.
  ///
  /// @return a power of two in bytes; 0 if large pages were not requested or there are none
  long largePageSize();

  /// An instruction that traps, repeated to 32 bits.
  ///
  /// @return the pattern, whose lowest byte is stored first
  int trapPattern();

  /// Reserves a range of addresses without committing memory.
  ///
  /// @param byteSize a positive multiple of [#pageSize()], at most 2 GiB
  /// @return the region, aligned to [#REGION_ALIGNMENT]
  /// @throws VirtMemException if the system refuses; nothing is reserved then
  CodeRegion reserve(long byteSize);

  /// Reserves a range of addresses near an anchor without committing memory. Memory that is mapped
  /// twice is near where it is executed.
  ///
  /// @param byteSize a positive multiple of [#pageSize()], at most 2 GiB
  /// @param vicinity where the whole region lies
  /// @return the region, aligned to [#REGION_ALIGNMENT]
  /// @throws VirtMemException with [VirtMemException.Reason#OUT_OF_MEMORY] if no gap of the
  ///     vicinity is large enough, so that a smaller region may still have room; with another
  ///     reason if the system refuses or cannot place memory; nothing is reserved then
  CodeRegion reserveNear(long byteSize, Vicinity vicinity);

  /// Opens a session in which ranges of regions of this memory can be written.
  ///
  /// @param policy whether what was written is flushed from the instruction cache
  /// @return a session of the calling thread
  WriteSession openSession(CachePolicy policy);
}
