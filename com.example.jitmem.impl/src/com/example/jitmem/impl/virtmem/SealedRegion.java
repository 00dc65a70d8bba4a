// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// A region whose memory is executable, except while it is written. Code on a page that is being
/// written must not run.
///
/// Memory is mapped executable and loses that access only while finished code is copied into it.
/// `mprotect` then restores it, which hardened processes refuse.
final class SealedRegion extends CopiedRegion {
  /// How often the system is asked to make pages executable again.
  private static final int MOST_ATTEMPTS = 3;

  /// Held from before pages become writable until they are executable again, so that writers of the
  /// same page do not meet.
  private final ReentrantLock writing = new ReentrantLock();

  private SealedRegion(Os os, MemorySegment memory, LargePages.Source source) {
    super(os, memory, MemoryAccess.RX, source);
  }

  /// Reserves a region.
  ///
  /// @param source the source of large pages
  static SealedRegion reserve(
      Os os, long byteSize, long alignment, AddressWindow window, LargePages.Source source) {
    long address = os.reserve(byteSize, alignment, window);
    return new SealedRegion(os, NativeMemory.at(address, byteSize), source);
  }

  /// Stores to new memory while it is in one piece. Pages that had their first store in pieces of
  /// their own would stay mappings of their own (Linux gives each an `anon_vma`), and a process may
  /// have only so many (`vm.max_map_count`).
  @Override
  void commitPages(long offset, long byteSize) {
    super.commitPages(offset, byteSize);
    try {
      beginWriting(offset, byteSize);
      try {
        written().set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
      } finally {
        endWriting(offset, byteSize);
      }
    } catch (RuntimeException | Error e) {
      Rollback rollback = new Rollback();
      rollback.add(() -> decommitPages(offset, byteSize));
      rollback.after(e);
      throw e;
    }
  }

  /// Copies with two changes of protection for each run of pages.
  @Override
  void copy(NavigableMap<Long, MemorySegment> pieces) {
    VirtMemException failure = null;
    NavigableMap<Long, MemorySegment> rest = pieces;
    while (!rest.isEmpty()) {
      long end = endOfRun(rest);
      NavigableMap<Long, MemorySegment> run = rest.headMap(end, false);
      try {
        copyRun(run, end);
        run.clear();
      } catch (VirtMemException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
      rest = pieces.tailMap(end, true);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /// The end of the first run of pages that are touched.
  private long endOfRun(NavigableMap<Long, MemorySegment> pieces) {
    long end = pageOf(pieces.firstKey());
    for (Map.Entry<Long, MemorySegment> piece : pieces.entrySet()) {
      if (pageOf(piece.getKey()) > end) {
        break;
      }
      end = pageAfter(piece.getKey() + piece.getValue().byteSize());
    }
    return end;
  }

  private void copyRun(NavigableMap<Long, MemorySegment> pieces, long end) {
    long start = pieces.firstKey();
    beginWriting(start, end - start);
    try {
      pieces.forEach(
          (offset, bytes) -> MemorySegment.copy(bytes, 0, written(), offset, bytes.byteSize()));
    } finally {
      endWriting(start, end - start);
    }
  }

  @Override
  void beginWriting(long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, byteSize());
    writing.lock();
    try {
      requireHeld();
      try {
        protect(offset, byteSize, MemoryAccess.RW);
      } catch (RuntimeException | Error e) {
        // Some pages may have changed
        Rollback rollback = new Rollback();
        rollback.add(() -> seal(offset, byteSize));
        rollback.after(e);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      writing.unlock();
      throw e;
    }
  }

  /// Pages that the system refuses to make executable again, although it was asked several times,
  /// become executable with the next write to them.
  @Override
  void endWriting(long offset, long byteSize) {
    try {
      seal(offset, byteSize);
    } finally {
      writing.unlock();
    }
  }

  /// Other code may lie on the same pages, so a temporary shortage is worth another attempt.
  private void seal(long offset, long byteSize) {
    for (int attempt = 1; ; attempt++) {
      try {
        protect(offset, byteSize, MemoryAccess.RX);
        return;
      } catch (VirtMemException e) {
        if (attempt == MOST_ATTEMPTS) {
          refused(e);
          throw e;
        }
      }
    }
  }

  private void protect(long offset, long byteSize, Set<MemoryAccess> access) {
    long start = pageOf(offset);
    long end = pageAfter(offset + byteSize);
    if (start < end) {
      os.protect(executedAddress(start), end - start, access);
    }
  }

  private long pageOf(long offset) {
    return offset & -os.facts().pageSize();
  }

  private long pageAfter(long end) {
    long pageSize = os.facts().pageSize();
    return (end + pageSize - 1) & -pageSize;
  }

  @Override
  void releasePages() {
    writing.lock();
    try {
      super.releasePages();
    } finally {
      writing.unlock();
    }
  }
}
