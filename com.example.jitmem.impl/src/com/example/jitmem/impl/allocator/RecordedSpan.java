// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A span with a record: it has a name, ends with an arena, or is guarded.
final class RecordedSpan extends SpanHandle {
  private final SpanRecord record;
  private final MemorySegment.Scope scope;
  private final boolean closable;

  /// A segment as long as the span was when it was requested.
  private @Nullable MemorySegment memory;

  /// Makes a handle.
  ///
  /// @param scope the lifetime of its memory
  RecordedSpan(ViewContext view, Region region, SpanRecord record, MemorySegment.Scope scope) {
    this(view, region, record, scope, true);
  }

  /// Makes a handle for users of a guarded span: it can neither close nor shrink the span, and its
  /// segments are scoped to the arena of the guard.
  static RecordedSpan guarded(ViewContext view, Region region, SpanRecord record) {
    return new RecordedSpan(view, region, record, view.arena().scope(), false);
  }

  private RecordedSpan(
      ViewContext view,
      Region region,
      SpanRecord record,
      MemorySegment.Scope scope,
      boolean closable) {
    super(view, region, record.start());
    this.record = record;
    this.scope = scope;
    this.closable = closable;
  }

  @Override
  ViewAccount owner() {
    return record.account;
  }

  @Override
  @Nullable ArenaSpans group() {
    return record.group;
  }

  @Override
  void checkAccess() {
    checkLive();
    if (record.group != null) {
      Segments.requireUsable(Segments.arenaOf(scope));
    }
  }

  @Override
  MemorySegment segment(long byteSize) {
    MemorySegment bound = memory;
    // Another thread that saw the span shrunk may have cached a smaller segment
    if (bound == null || bound.byteSize() < byteSize) {
      bound = Segments.bind(region.rx().asSlice(offset(), byteSize), arena());
      memory = bound;
    }
    return bound.byteSize() == byteSize ? bound : bound.asSlice(0, byteSize);
  }

  private Arena arena() {
    return record.guard == null || closable ? Segments.arenaOf(scope) : record.guard.arena();
  }

  @Override
  boolean isShrinkable() {
    return record.guard == null || closable;
  }

  @Override
  @Nullable DeferredWork shrink(long newByteSize) {
    if (!isShrinkable()) {
      throw notClosable();
    }
    return super.shrink(newByteSize);
  }

  @Override
  int limit() {
    return region.endOf(start);
  }

  @Override
  void lowerLimit(int limit) {
    // The tables tell, see limit()
  }

  @Override
  public Optional<String> name() {
    return Optional.ofNullable(record.name);
  }

  @Override
  public boolean isLive() {
    return record.isLive() && scope.isAlive();
  }

  @Override
  public void close() {
    if (!closable) {
      throw notClosable();
    }
    if (!record.isLive()) {
      return;
    }
    if (record.account != view.account()) {
      throw new IllegalStateException(
          "The " + describe() + " belongs to " + record.account.owner + ", who alone can close it");
    }
    if (record.group != null) {
      throw notClosable();
    }
    discard();
  }

  @Override
  @Nullable DeferredWork end() {
    return record.isLive() ? view.core().end(region, start, null) : null;
  }

  @Override
  SpanHandle withoutClose() {
    if (record.guard != null) {
      record.guard.show();
    }
    return new RecordedSpan(view, region, record, scope, false);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RecordedSpan that && record == that.record;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(record);
  }
}
