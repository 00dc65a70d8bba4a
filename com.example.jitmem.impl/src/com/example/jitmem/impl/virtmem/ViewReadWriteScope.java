// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A scope on memory that is always writable: it only collects what has to be flushed.
final class ViewReadWriteScope implements ProtectJitReadWriteScope {
  private final MappedView view;
  private final MemorySegment segment;
  private final CachePolicy policy;
  private final Thread owner = Thread.currentThread();
  private final FlushList written;
  private boolean closed;

  ViewReadWriteScope(Os os, MappedView view, MemorySegment segment, CachePolicy policy) {
    this.view = view;
    this.segment = segment;
    this.policy = policy;
    this.written = new FlushList(os);
  }

  @Override
  public void write(long offset, MemorySegment source) {
    requireOwner();
    if (closed) {
      throw new IllegalStateException("Scope is closed");
    }
    MemorySegment target = segment.asSlice(offset, source.byteSize());
    if (!view.isWritable(target)) {
      throw new IllegalStateException("Memory has been made read-only since the scope was opened");
    }
    if (view.toggled().isPresent()) {
      writeToggled(view.toggled().get(), target, source);
    } else {
      target.copyFrom(unaliased(source));
    }
    written.add(view.executedAddress(segment, offset), source.byteSize());
  }

  /// Through a copy, which has an address and is readable while the thread may write.
  private static void writeToggled(
      ThreadToggledMemory toggled, MemorySegment target, MemorySegment source) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, source.byteSize()));
      MemorySegment.copy(source, 0, copy, 0, source.byteSize());
      toggled.write(target.address(), copy.address(), source.byteSize());
    }
  }

  /// Code of the segment itself is copied first: where it is read and written at two addresses, an
  /// overlap would not be noticed.
  private MemorySegment unaliased(MemorySegment source) {
    MemorySegment executed = NativeMemory.at(view.executedAddress(segment, 0), segment.byteSize());
    return view.isDual() && source.asOverlappingSlice(executed).isPresent()
        ? MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE))
        : source;
  }

  @Override
  public void close() {
    requireOwner();
    if (closed) {
      return;
    }
    closed = true;
    if (policy != CachePolicy.NEVER_FLUSH) {
      view.flush(written);
    }
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException("Scope was opened by another thread");
    }
  }
}
