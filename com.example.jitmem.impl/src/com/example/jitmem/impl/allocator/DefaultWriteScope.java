// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanWriter;
import com.example.jitmem.api.allocator.WriteFunction;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.Segments;
import com.example.jitmem.impl.memory.WriteSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes in one session per memory. Spans written to keep their memory until the scope is closed,
/// so that a session never brings old code into a new span.
final class DefaultWriteScope implements WriteScope {
  private final JitAllocator allocator;
  private final ViewContext view;
  private final CachePolicy policy;

  /// Keeps the memory mapped.
  private final Arena arena;

  private final Thread owner = Thread.currentThread();
  private final IdentityHashMap<CodeMemory, WrittenRanges> sessions = new IdentityHashMap<>();

  /// The places of spans that stay their own until the scope is closed.
  private final Set<Long> registered = new HashSet<>();

  private boolean closed;

  /// Opens a scope.
  ///
  /// @param allocator the allocator of the view
  /// @param arena keeps the memory mapped
  DefaultWriteScope(JitAllocator allocator, ViewContext view, CachePolicy policy, Arena arena) {
    this.allocator = allocator;
    this.view = view;
    this.policy = policy;
    this.arena = arena;
  }

  @Override
  public void write(Span span, long offset, MemorySegment source) {
    checkOpen();
    SpanHandle handle = SpanHandle.writable(span, view);
    Segments.requireAccessible(source, "source");
    register(handle);
    try {
      copy(handle, offset, source);
    } finally {
      // A scope that is never closed may be collected while memory is copied
      Reference.reachabilityFence(arena);
    }
  }

  private void copy(SpanHandle handle, long offset, MemorySegment source) {
    long byteSize = source.byteSize();
    WrittenRanges ranges = ranges(handle);
    Objects.checkFromIndexSize(offset, byteSize, ranges.shrinks().byteSize(handle));
    if (byteSize > 0) {
      CodeRegion region = handle.region.code();
      long start = handle.offset() + offset;
      ranges
          .session()
          .writable(region, start, byteSize)
          .copyFrom(Segments.unaliased(source, handle.region.rx()));
      ranges.add(region, start, byteSize);
    }
  }

  @Override
  public <X extends Exception> void write(Span span, WriteFunction<X> writer) throws X {
    write(span, writer, (target, function) -> function.write(target));
  }

  @Override
  public <C, X extends Exception> void write(Span span, C context, SpanWriter<? super C, X> writer)
      throws X {
    checkOpen();
    Objects.requireNonNull(context);
    Objects.requireNonNull(writer);
    SpanHandle handle = SpanHandle.writable(span, view);
    register(handle);
    WrittenRanges ranges = ranges(handle);
    long byteSize = ranges.shrinks().byteSize(handle);
    long written = byteSize;
    try {
      long needed = call(handle, ranges, byteSize, context, writer);
      if (needed < 1 || needed > byteSize) {
        throw new IllegalArgumentException(
            "The writer returned a size that is not from 1 to " + byteSize + ": " + needed);
      }
      written = needed;
    } finally {
      ranges.add(handle.region.code(), handle.offset(), written);
      Reference.reachabilityFence(arena);
    }
    handle.checkLive();
    if (written < byteSize && handle.isShrinkable()) {
      ranges.shrinks().add(handle, written);
    }
  }

  @Override
  public void flush() {
    checkOpen();
    for (WrittenRanges ranges : sessions.values()) {
      ranges.reportTo(ranges.session());
      ranges.session().flush();
      ranges.shrinks().apply(view.core());
    }
  }

  @Override
  public CachePolicy policy() {
    checkThread();
    return policy;
  }

  @Override
  public JitAllocator allocator() {
    checkThread();
    return allocator;
  }

  @Override
  public void close() {
    checkThread();
    if (closed) {
      return;
    }
    closed = true;
    RuntimeException failure = null;
    try {
      for (WrittenRanges ranges : sessions.values()) {
        failure = end(ranges, failure);
      }
    } finally {
      registered.forEach(this::leave);
      Reference.reachabilityFence(arena);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private @Nullable RuntimeException end(WrittenRanges ranges, @Nullable RuntimeException earlier) {
    try {
      try (WriteSession ending = ranges.session()) {
        ranges.reportTo(ending);
      }
      ranges.shrinks().apply(view.core());
      return earlier;
    } catch (RuntimeException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
      return earlier;
    }
  }

  private static <C, X extends Exception> long call(
      SpanHandle handle,
      WrittenRanges ranges,
      long byteSize,
      C context,
      SpanWriter<? super C, X> writer)
      throws X {
    MemorySegment writable =
        ranges.session().writable(handle.region.code(), handle.offset(), byteSize);
    try (Arena confined = Arena.ofConfined()) {
      return writer.write(Segments.bind(writable, confined), context);
    }
  }

  private void register(SpanHandle handle) {
    if (!registered.contains(handle.place())) {
      handle.registerWriter();
      registered.add(handle.place());
    }
  }

  private void leave(long place) {
    Reclaimer.run(view.core(), work -> view.core().leaveWriter(place, work));
  }

  private WrittenRanges ranges(SpanHandle handle) {
    return sessions.computeIfAbsent(
        handle.region.pool().generation().memory,
        memory -> new WrittenRanges(memory.openSession(policy)));
  }

  private void checkOpen() {
    checkThread();
    if (closed) {
      throw new IllegalStateException("The write scope is closed");
    }
  }

  private void checkThread() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException("The write scope belongs to another thread: " + owner);
    }
  }
}
