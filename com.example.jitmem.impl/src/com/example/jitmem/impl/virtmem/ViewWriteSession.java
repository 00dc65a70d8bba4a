// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;

/// A session on regions that are always writable: it only collects what has to be flushed.
final class ViewWriteSession implements WriteSession {
  private final Os os;
  private final CachePolicy policy;
  private final FlushList written;

  ViewWriteSession(Os os, CachePolicy policy) {
    this.os = os;
    this.policy = policy;
    this.written = new FlushList(os);
  }

  @Override
  public MemorySegment writable(CodeRegion region, long offset, long byteSize) {
    ViewedRegion viewed = viewed(region);
    viewed.requireHeld();
    return viewed.written().asSlice(offset, byteSize);
  }

  @Override
  public void written(CodeRegion region, long offset, long byteSize) {
    if (policy != CachePolicy.NEVER_FLUSH) {
      written.add(viewed(region).executedAddress(offset), byteSize);
    }
  }

  @Override
  public void flush() {
    written.flush();
  }

  @Override
  public void close() {
    flush();
  }

  private ViewedRegion viewed(CodeRegion region) {
    if (region instanceof ViewedRegion viewed && viewed.os.equals(os)) {
      return viewed;
    }
    throw new IllegalArgumentException("Region belongs to other memory: " + region);
  }
}
