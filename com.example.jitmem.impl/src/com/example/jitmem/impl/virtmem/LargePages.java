// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.Os;
import java.util.concurrent.atomic.AtomicLongArray;

/// Requests each large page of a region as soon as all of it is committed. Requesting it earlier
/// has no effect and costs up to a millisecond.
///
/// Thread-safe.
final class LargePages {
  /// The source of large pages.
  enum Source {
    /// No large pages.
    NONE,
    /// The system merges normal pages into large ones.
    ADVICE,
    /// The system's pool, and advice where the pool is empty.
    POOL
  }

  private final Os os;
  private final long address;
  private final long byteSize;
  private final Source source;
  private final long largePageSize;
  private final AtomicLongArray committedBytes;

  /// Begins with nothing committed.
  ///
  /// @param address where the region is executed, a multiple of the large page size
  LargePages(Os os, long address, long byteSize, Source source) {
    this.os = os;
    this.address = address;
    this.byteSize = byteSize;
    this.source = source;
    this.largePageSize = source == Source.NONE ? 0 : os.facts().largePageSize();
    int count = largePageSize == 0 ? 0 : Math.toIntExact(byteSize / largePageSize);
    this.committedBytes = new AtomicLongArray(count);
  }

  /// Whether a range is to be committed in pages of the pool.
  boolean fromPool(long offset, long byteSize) {
    return source == Source.POOL && offset % largePageSize == 0 && byteSize % largePageSize == 0;
  }

  /// The large pages that the system has granted. Finding out takes a millisecond or more.
  long byteSize() {
    return largePageSize == 0 ? 0 : os.largePageBytes(address, byteSize);
  }

  void committed(long offset, long byteSize) {
    count(offset, byteSize, 1);
  }

  void decommitted(long offset, long byteSize) {
    count(offset, byteSize, -1);
  }

  private void count(long offset, long byteSize, int sign) {
    long end = Math.min(offset + byteSize, committedBytes.length() * largePageSize);
    for (long at = offset; at < end; ) {
      int index = (int) (at / largePageSize);
      long next = Math.min(end, (index + 1) * largePageSize);
      if (committedBytes.addAndGet(index, sign * (next - at)) == largePageSize) {
        os.preferLargePage(address + index * largePageSize);
      }
      at = next;
    }
  }
}
