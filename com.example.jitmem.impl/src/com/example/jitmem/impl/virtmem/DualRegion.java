// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import java.lang.foreign.MemorySegment;

/// A region of shared memory with two views: one that can be executed, one that can be written.
final class DualRegion extends ViewedRegion {
  private static final System.Logger LOGGER = System.getLogger(DualRegion.class.getName());

  private final SharedMemory memory;
  private final LargePages largePages;
  private volatile boolean memoryClosed;

  private DualRegion(
      Os os,
      SharedMemory memory,
      MemorySegment executed,
      MemorySegment written,
      boolean largePages) {
    super(os, executed, written);
    this.memory = memory;
    this.largePages = new LargePages(os, executed.address(), executed.byteSize(), largePages);
  }

  /// Reserves a region for shared memory.
  ///
  /// @param memory memory that nothing is mapped of; the region closes it. It is closed if the
  ///     reservation fails.
  /// @param placement where it is executed
  /// @param largePages whether committed memory should be of large pages
  static DualRegion reserve(
      Os os, SharedMemory memory, long alignment, Placement placement, boolean largePages) {
    long byteSize = memory.byteSize();
    Rollback rollback = new Rollback();
    rollback.add(() -> os.closeShared(memory));
    try {
      long executed = placement.reserve(os, byteSize, alignment);
      rollback.add(() -> os.unreserve(executed, byteSize));
      long written = os.reserve(byteSize, alignment);
      return new DualRegion(
          os, memory, Segments.of(executed, byteSize), Segments.of(written, byteSize), largePages);
    } catch (VirtMemException e) {
      throw rollback.after(e);
    }
  }

  /// Reserves and commits a region at once, for good.
  ///
  /// @param placement where it is executed
  /// @param hugePages whether the memory consists of large pages, or is refused
  static DualRegion mapped(
      Os os,
      Backing backing,
      long byteSize,
      long alignment,
      Placement placement,
      boolean hugePages) {
    SharedMemory memory = os.createShared(backing, byteSize, hugePages);
    DualRegion region = reserve(os, memory, alignment, placement, false);
    try {
      region.commitPages(0, byteSize);
      region.closeMemory();
      return region;
    } catch (VirtMemException e) {
      region.release();
      throw e;
    }
  }

  @Override
  LargePages largePages() {
    return largePages;
  }

  @Override
  void commitPages(long offset, long byteSize) {
    if (accessible().contains(offset, byteSize)) {
      os.allocateShared(memory, offset, byteSize);
    } else {
      mapViews(offset, byteSize);
      accessible().add(offset, byteSize);
    }
    largePages.committed(offset, byteSize);
  }

  private void mapViews(long offset, long byteSize) {
    Rollback rollback = new Rollback();
    try {
      os.allocateShared(memory, offset, byteSize);
      rollback.add(() -> os.freeShared(memory, offset, byteSize));
      os.mapShared(memory, offset, executedAddress(offset), byteSize, MemoryAccess.RX);
      rollback.add(() -> os.decommit(executedAddress(offset), byteSize));
      os.mapShared(memory, offset, writtenAddress(offset), byteSize, MemoryAccess.RW);
    } catch (VirtMemException e) {
      throw rollback.after(e);
    }
  }

  /// Frees the pages first: after that the range holds no memory, whether or not its addresses
  /// become inaccessible. A process with as many mappings as it may have cannot make holes in them.
  @Override
  void decommitPages(long offset, long byteSize) {
    os.discard(writtenAddress(offset), byteSize);
    largePages.decommitted(offset, byteSize);
    if (accessible().remove(offset, byteSize)) {
      closeView(writtenAddress(offset), byteSize);
      closeView(executedAddress(offset), byteSize);
    }
  }

  private void closeView(long address, long byteSize) {
    try {
      os.decommit(address, byteSize);
    } catch (VirtMemException e) {
      LOGGER.log(
          System.Logger.Level.DEBUG, "Pages are given back but their addresses stay mapped", e);
    }
  }

  private void closeMemory() {
    if (!memoryClosed) {
      os.closeShared(memory);
      memoryClosed = true;
    }
  }

  @Override
  void releasePages() {
    Releases.attempt(() -> os.unreserve(writtenAddress(0), byteSize()));
    Releases.attempt(() -> os.unreserve(executedAddress(0), byteSize()));
    Releases.attempt(this::closeMemory);
  }
}
