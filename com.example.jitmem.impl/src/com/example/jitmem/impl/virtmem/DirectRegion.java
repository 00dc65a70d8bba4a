// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;

/// A region whose memory is readable, writable and executable at once.
final class DirectRegion extends ViewedRegion {
  private final LargePages largePages;

  private DirectRegion(Os os, MemorySegment memory, boolean largePages) {
    super(os, memory, memory);
    this.largePages = new LargePages(os, memory.address(), memory.byteSize(), largePages);
  }

  /// Reserves a region.
  ///
  /// @param largePages whether committed memory should be of large pages
  static DirectRegion reserve(
      Os os, long byteSize, long alignment, Placement placement, boolean largePages) {
    long address = placement.reserve(os, byteSize, alignment);
    return new DirectRegion(os, Segments.of(address, byteSize), largePages);
  }

  @Override
  LargePages largePages() {
    return largePages;
  }

  @Override
  void commitPages(long offset, long byteSize) {
    if (!accessible().contains(offset, byteSize)) {
      os.commit(executedAddress(offset), byteSize, MemoryAccess.RWX);
      accessible().add(offset, byteSize);
    }
    largePages.committed(offset, byteSize);
  }

  @Override
  void decommitPages(long offset, long byteSize) {
    if (accessible().remove(offset, byteSize)) {
      decommitOrRestore(offset, byteSize);
    } else {
      os.discardPrivate(executedAddress(offset), byteSize);
    }
    largePages.decommitted(offset, byteSize);
  }

  private void decommitOrRestore(long offset, long byteSize) {
    try {
      os.decommit(executedAddress(offset), byteSize);
    } catch (VirtMemException e) {
      accessible().add(offset, byteSize);
      throw e;
    }
  }

  @Override
  void releasePages() {
    Releases.attempt(() -> os.unreserve(executedAddress(0), byteSize()));
  }
}
