// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.Os;
import java.util.concurrent.atomic.AtomicLongArray;

/// Asks for large pages of a region as soon as all of one is committed. Asking earlier has no
/// effect and costs up to a millisecond.
///
/// Thread-safe.
final class LargePages {
  private final Os os;
  private final long address;
  private final long byteSize;
  private final long largePageSize;
  private final AtomicLongArray committedBytes;

  /// Begins with nothing committed.
  ///
  /// @param address where the region is executed, a multiple of the large page size
  /// @param wanted whether large pages are wanted at all
  LargePages(Os os, long address, long byteSize, boolean wanted) {
    this.os = os;
    this.address = address;
    this.byteSize = byteSize;
    this.largePageSize = wanted ? os.facts().largePageSize() : 0;
    int count = largePageSize == 0 ? 0 : Math.toIntExact(byteSize / largePageSize);
    this.committedBytes = new AtomicLongArray(count);
  }

  /// What the system has given of what was wanted. It takes a millisecond and more to find out.
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
