// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.SharedMemory;
import java.util.BitSet;

/// Large pages from the system's pool, as large as a region. Parts of it are mapped instead of the
/// region's own memory as long as the pool has pages.
///
/// Thread-safe.
final class PooledMemory {
  private final SharedMemory memory;
  private final long largePageSize;

  /// For each large page of the region whether the last mapping there came from the pool.
  private final BitSet mapped = new BitSet();

  PooledMemory(SharedMemory memory, long largePageSize) {
    this.memory = memory;
    this.largePageSize = largePageSize;
  }

  SharedMemory memory() {
    return memory;
  }

  /// Notes from which memory a range of the region was mapped.
  ///
  /// @param pooled whether it was this memory, in whole large pages; else it was the region's own
  synchronized void mapped(long offset, long byteSize, boolean pooled) {
    mapped.set(page(offset), page(offset + byteSize - 1) + 1, pooled);
  }

  /// Tells whether a place of the region was mapped from the pool.
  synchronized boolean isMapped(long offset) {
    return mapped.get(page(offset));
  }

  /// The end of the run of large pages that come from the same memory as a place of the region.
  synchronized long endOfRun(long offset) {
    int page = page(offset);
    int end = mapped.get(page) ? mapped.nextClearBit(page) : mapped.nextSetBit(page);
    return end < 0 ? Long.MAX_VALUE : end * largePageSize;
  }

  private int page(long offset) {
    return Math.toIntExact(offset / largePageSize);
  }
}
