// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/// A session on regions whose code cannot run while it is written: copies are written, and brought
/// in place when the session is flushed.
///
/// So pages stay executable while code is generated, a writer that continues after a flush writes
/// to ordinary memory, and any number of writes costs two changes of protection for each run of
/// pages.
final class CopyingWriteSession implements WriteSession {
  private final Os os;
  private final CachePolicy policy;
  private final IdentityHashMap<CopiedRegion, CodeCopies> copies = new IdentityHashMap<>();

  CopyingWriteSession(Os os, CachePolicy policy) {
    this.os = os;
    this.policy = policy;
  }

  @Override
  public MemorySegment writable(CodeRegion region, long offset, long byteSize) {
    CopiedRegion copied = copied(region);
    copied.requireHeld();
    return copies.computeIfAbsent(copied, CodeCopies::new).writable(offset, byteSize);
  }

  @Override
  public void written(CodeRegion region, long offset, long byteSize) {
    CodeCopies known = copies.get(copied(region));
    if (known == null) {
      throw new IllegalArgumentException("Nothing of this region was made writable: " + region);
    }
    known.written(offset, byteSize);
  }

  @Override
  public void flush() {
    VirtMemException failure = null;
    FlushList flushed = new FlushList(os);
    try {
      for (Map.Entry<CopiedRegion, CodeCopies> entry : copies.entrySet()) {
        failure = bring(entry.getKey(), entry.getValue(), flushed, failure);
      }
    } finally {
      flushed.flush();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private @Nullable VirtMemException bring(
      CopiedRegion region,
      CodeCopies written,
      FlushList flushed,
      @Nullable VirtMemException earlier) {
    NavigableMap<Long, MemorySegment> pieces = written.pieces();
    if (policy != CachePolicy.NEVER_FLUSH) {
      pieces.forEach(
          (offset, bytes) -> flushed.add(region.executedAddress(offset), bytes.byteSize()));
    }
    try {
      region.copy(pieces);
      return earlier;
    } catch (VirtMemException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
      return earlier;
    } finally {
      written.brought(pieces);
    }
  }

  @Override
  public void close() {
    flush();
  }

  private CopiedRegion copied(CodeRegion region) {
    if (region instanceof CopiedRegion copied && copied.os.equals(os)) {
      return copied;
    }
    throw new IllegalArgumentException("Region belongs to other memory: " + region);
  }
}
