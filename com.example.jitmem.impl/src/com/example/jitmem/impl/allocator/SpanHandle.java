// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a user holds of a span: the allocation, the view it was got from and the lifetime of its
/// segments. There may be many for one allocation; each knows when that has ended.
final class SpanHandle implements Span {
  private final AllocatorView view;
  private final SpanRecord record;
  private final MemorySegment.Scope scope;
  private final boolean closable;

  /// All the memory the span had when it was first asked for.
  private volatile @Nullable MemorySegment memory;

  SpanHandle(AllocatorView view, SpanRecord record, MemorySegment.Scope scope) {
    this(view, record, scope, true);
  }

  private SpanHandle(
      AllocatorView view, SpanRecord record, MemorySegment.Scope scope, boolean closable) {
    this.view = view;
    this.record = record;
    this.scope = scope;
    this.closable = closable;
  }

  @Override
  public MemorySegment rx() {
    SpanRecord live = liveRecord();
    MemorySegment bound = memory;
    if (bound == null) {
      bound = bind();
    }
    long byteSize = live.byteSize();
    return bound.byteSize() == byteSize ? bound : bound.asSlice(0, byteSize);
  }

  @Override
  public long byteSize() {
    return liveRecord().byteSize();
  }

  @Override
  public Optional<String> name() {
    return record.name();
  }

  @Override
  public boolean isLive() {
    return record.isLive() && scope.isAlive();
  }

  @Override
  public void close() {
    if (!closable) {
      throw new UnsupportedOperationException(
          "The " + record + " is that of a function: closing that one ends it");
    }
    view.close(record);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SpanHandle that && record == that.record;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(record);
  }

  @Override
  public String toString() {
    return record + (isLive() ? "" : ", ended");
  }

  SpanRecord record() {
    return record;
  }

  SpanHandle withoutClose() {
    return new SpanHandle(view, record, scope, false);
  }

  /// The allocation, if it can be used.
  ///
  /// @throws IllegalStateException if the span has ended
  SpanRecord liveRecord() {
    if (!isLive()) {
      throw SpanCore.ended(record);
    }
    return record;
  }

  /// Makes the segment.
  ///
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  MemorySegment bind() {
    MemorySegment region = record.region.code.rx();
    MemorySegment bound =
        Scopes.bind(region.asSlice(record.offset(), record.byteSize()), Scopes.arenaOf(scope));
    memory = bound;
    return bound;
  }
}
