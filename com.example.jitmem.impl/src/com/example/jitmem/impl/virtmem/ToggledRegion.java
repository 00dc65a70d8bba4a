// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Map;
import java.util.NavigableMap;

/// A region of memory that each thread can either write or execute. The JVM's own code lies in such
/// memory too, so native calls write it, which toggle the thread only until they return.
///
/// Committed pages stay accessible for good: decommitting only discards their content.
final class ToggledRegion extends CopiedRegion {
  /// How much is copied at a time when memory is filled.
  private static final long FILL_CHUNK = 16 * 1024;

  private final ThreadToggledMemory toggled;

  /// The pages that were made accessible.
  private final BitSet opened = new BitSet();

  private ToggledRegion(Os os, ThreadToggledMemory toggled, MemorySegment memory) {
    super(os, memory, MemoryAccess.RWX, LargePages.Source.NONE);
    this.toggled = toggled;
  }

  /// Reserves a region.
  static ToggledRegion reserve(Os os, ThreadToggledMemory toggled, long byteSize, long alignment) {
    long address = toggled.reserve(byteSize, alignment);
    return new ToggledRegion(os, toggled, NativeMemory.at(address, byteSize));
  }

  /// A page that is accessible already cannot be made so again.
  @Override
  void commitPages(long offset, long byteSize) {
    long pageSize = os.facts().pageSize();
    int end = Math.toIntExact((offset + byteSize) / pageSize);
    int page = Math.toIntExact(offset / pageSize);
    synchronized (opened) {
      while (page < end) {
        boolean known = opened.get(page);
        int next = Math.min(end, known ? opened.nextClearBit(page) : nextOpened(page, end));
        long address = executedAddress(page * pageSize);
        if (known) {
          toggled.reuse(address, (next - page) * pageSize);
        } else {
          toggled.commit(address, (next - page) * pageSize);
          opened.set(page, next);
        }
        page = next;
      }
    }
  }

  private int nextOpened(int page, int end) {
    int next = opened.nextSetBit(page);
    return next < 0 ? end : next;
  }

  @Override
  void decommitPages(long offset, long byteSize) {
    toggled.discard(executedAddress(offset), byteSize);
  }

  @Override
  void copy(NavigableMap<Long, MemorySegment> pieces) {
    while (!pieces.isEmpty()) {
      Map.Entry<Long, MemorySegment> piece = pieces.firstEntry();
      store(piece.getKey(), piece.getValue());
      pieces.remove(piece.getKey());
    }
  }

  /// Copies sources that the routine cannot read: the heap has no address, and memory of this kind
  /// may be unreadable while it is writable.
  @Override
  void store(long offset, MemorySegment source) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, source.byteSize()));
      MemorySegment.copy(source, 0, copy, 0, source.byteSize());
      write(offset, copy, source.byteSize());
    }
  }

  @Override
  void storePattern(long offset, long byteSize, int pattern) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chunk = arena.allocate(Math.max(1, Math.min(FILL_CHUNK, byteSize)));
      fill(byteSize == 0 ? chunk.asSlice(0, 0) : chunk, pattern);
      for (long at = 0; at < byteSize; at += chunk.byteSize()) {
        write(offset + at, chunk, Math.min(chunk.byteSize(), byteSize - at));
      }
    }
  }

  private void write(long offset, MemorySegment source, long byteSize) {
    written().asSlice(offset, byteSize);
    toggled.write(executedAddress(offset), source.address(), byteSize);
  }
}
