// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.SharedMemory;
import java.util.BitSet;

/// Memory of large pages from the system's pool, as large as a region, of which parts are mapped in
/// the place of the region's own memory as long as the pool has pages.
///
/// Thread-safe.
final class PooledMemory {
  private final SharedMemory memory;
  private final long largePageSize;

  /// The large pages that are mapped, or were the last time something was.
  private final BitSet mapped = new BitSet();

  PooledMemory(SharedMemory memory, long largePageSize) {
    this.memory = memory;
    this.largePageSize = largePageSize;
  }

  SharedMemory memory() {
    return memory;
  }

  /// Notes what a range of the region was mapped of.
  ///
  /// @param pooled whether it was this memory, in whole large pages; else it was the region's own
  synchronized void mapped(long offset, long byteSize, boolean pooled) {
    mapped.set(page(offset), page(offset + byteSize - 1) + 1, pooled);
  }

  /// Tells what a place of the region was mapped of.
  synchronized boolean isMapped(long offset) {
    return mapped.get(page(offset));
  }

  /// Where the run of large pages ends that are mapped, or not, as a place of the region is.
  synchronized long endOfRun(long offset) {
    int page = page(offset);
    int end = mapped.get(page) ? mapped.nextClearBit(page) : mapped.nextSetBit(page);
    return end < 0 ? Long.MAX_VALUE : end * largePageSize;
  }

  private int page(long offset) {
    return Math.toIntExact(offset / largePageSize);
  }
}
