// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A region of shared memory with two views: one that can be executed, one that can be written.
final class DualRegion extends ViewedRegion {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.MEMORY);

  private final SharedMemory memory;

  /// What parts are mapped of in the place of [#memory]. Null where the pool is not used.
  private final @Nullable PooledMemory pooled;

  private final LargePages largePages;
  private volatile boolean memoryClosed;

  private DualRegion(
      Os os,
      SharedMemory memory,
      @Nullable PooledMemory pooled,
      MemorySegment executed,
      MemorySegment written,
      LargePages.Source source) {
    super(os, executed, written);
    this.memory = memory;
    this.pooled = pooled;
    this.largePages = new LargePages(os, executed.address(), executed.byteSize(), source);
  }

  /// Reserves a region for shared memory.
  ///
  /// @param memory memory that nothing is mapped of; the region closes it. It is closed if the
  ///     reservation fails.
  /// @param window where it is executed
  /// @param source where large pages are to come from
  static DualRegion reserve(
      Os os, SharedMemory memory, long alignment, AddressWindow window, LargePages.Source source) {
    long byteSize = memory.byteSize();
    Rollback rollback = new Rollback();
    rollback.add(() -> os.closeShared(memory));
    try {
      PooledMemory pooled = source == LargePages.Source.POOL ? pooled(os, byteSize) : null;
      if (pooled != null) {
        rollback.add(() -> os.closeShared(pooled.memory()));
      }
      long executed = os.reserve(byteSize, alignment, window);
      rollback.add(() -> os.unreserve(executed, byteSize));
      long written = os.reserve(byteSize, alignment, AddressWindow.ANYWHERE);
      return new DualRegion(
          os,
          memory,
          pooled,
          NativeMemory.at(executed, byteSize),
          NativeMemory.at(written, byteSize),
          source);
    } catch (RuntimeException | Error e) {
      rollback.after(e);
      throw e;
    }
  }

  private static @Nullable PooledMemory pooled(Os os, long byteSize) {
    try {
      return os.facts()
          .largePageBacking()
          .map(backing -> os.createShared(backing, byteSize, true))
          .map(shared -> new PooledMemory(shared, os.facts().largePageSize()))
          .orElse(null);
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "The pool of large pages is not used", e);
      return null;
    }
  }

  /// Reserves and commits a region at once, for good.
  ///
  /// @param window where it is executed
  /// @param hugePages whether the memory consists of large pages, or is refused
  static DualRegion mapped(
      Os os,
      Backing backing,
      long byteSize,
      long alignment,
      AddressWindow window,
      boolean hugePages) {
    SharedMemory memory = os.createShared(backing, byteSize, hugePages);
    DualRegion region = reserve(os, memory, alignment, window, LargePages.Source.NONE);
    try {
      region.commitPages(0, byteSize);
      region.closeMemory();
      return region;
    } catch (RuntimeException | Error e) {
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
      allocateAgain(offset, byteSize);
    } else {
      mapAnew(offset, byteSize);
    }
    largePages.committed(offset, byteSize);
  }

  private void mapAnew(long offset, long byteSize) {
    try {
      if (!mapPooledViews(offset, byteSize)) {
        mapViews(memory, offset, byteSize);
      }
    } catch (RuntimeException | Error e) {
      // What was accessible before has been mapped over, and is not any more
      accessible().forget(offset, byteSize);
      throw e;
    }
    accessible().add(offset, byteSize);
  }

  /// Sets memory aside for views that stayed mapped when their pages were given back, each from
  /// where it is mapped of.
  private void allocateAgain(long offset, long byteSize) {
    Rollback rollback = new Rollback();
    try {
      long end = offset + byteSize;
      for (long at = offset; at < end; ) {
        long start = writtenAddress(at);
        long length = (pooled == null ? end : Math.min(end, pooled.endOfRun(at))) - at;
        if (pooled != null && pooled.isMapped(at)) {
          takeAgain(at, length);
          rollback.add(() -> os.discard(start, length));
        } else {
          rollback.add(() -> os.discard(start, length));
          os.allocateShared(memory, at, length);
        }
        at += length;
      }
    } catch (RuntimeException | Error e) {
      rollback.after(e);
      throw e;
    }
  }

  /// Takes pages from the pool again. Others may have emptied it since; then the range is mapped as
  /// if it had not been before.
  private void takeAgain(long offset, long byteSize) {
    try {
      populate(offset, byteSize);
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "The pool gives no large pages again", e);
      os.discard(writtenAddress(offset), byteSize);
      mapAnew(offset, byteSize);
    }
  }

  private boolean mapPooledViews(long offset, long byteSize) {
    if (pooled == null) {
      return false;
    }
    pooled.mapped(offset, byteSize, false);
    if (!largePages.fromPool(offset, byteSize)) {
      return false;
    }
    try {
      mapViews(pooled.memory(), offset, byteSize);
      pooled.mapped(offset, byteSize, true);
      return true;
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "The pool gives no large pages", e);
      return false;
    }
  }

  private void mapViews(SharedMemory shared, long offset, long byteSize) {
    Rollback rollback = new Rollback();
    try {
      os.allocateShared(shared, offset, byteSize);
      rollback.add(() -> os.freeShared(shared, offset, byteSize));
      os.mapShared(shared, offset, executedAddress(offset), byteSize, MemoryAccess.RX);
      rollback.add(() -> os.decommit(executedAddress(offset), byteSize));
      os.mapShared(shared, offset, writtenAddress(offset), byteSize, MemoryAccess.RW);
      rollback.add(() -> os.decommit(writtenAddress(offset), byteSize));
      if (shared.largePages()) {
        // Some pages may be present already when others are refused
        rollback.add(() -> os.discard(writtenAddress(offset), byteSize));
        populate(offset, byteSize);
      }
    } catch (RuntimeException | Error e) {
      rollback.after(e);
      throw e;
    }
  }

  /// Takes pages from the pool while a refusal can be told from a fault.
  private void populate(long offset, long byteSize) {
    os.populate(writtenAddress(offset), byteSize, MemoryAccess.RW);
    os.populate(executedAddress(offset), byteSize, MemoryAccess.RX);
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

  private void closePooled() {
    if (pooled != null) {
      os.closeShared(pooled.memory());
    }
  }

  @Override
  void releasePages() {
    Releases.attempt(() -> os.unreserve(writtenAddress(0), byteSize()));
    Releases.attempt(() -> os.unreserve(executedAddress(0), byteSize()));
    Releases.attempt(this::closeMemory);
    Releases.attempt(this::closePooled);
  }
}
