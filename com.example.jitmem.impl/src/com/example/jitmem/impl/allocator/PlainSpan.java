// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The handle that an allocation returns, of a span that the tables know only by its place.
/// [SpanVersions] explains how it learns that the span has ended.
sealed class PlainSpan extends SpanHandle permits FoundSpan {
  private static final VarHandle VERSION;

  static {
    try {
      VERSION = MethodHandles.lookup().findVarHandle(PlainSpan.class, "version", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// The version the span was made with; [SpanVersions#ENDED] when it has ended and no other handle
  /// could know. Changed under the lock, and opaquely, so that other threads see it soon.
  private int version;

  /// The granule after the span, as long as its region is plain, so that no other handle can shrink
  /// it. Changed under the lock.
  private int limit;

  PlainSpan(ViewContext view, Region region, int start, int limit, int version) {
    super(view, region, start);
    this.limit = limit;
    this.version = version;
    // Publishes the fields as if they were final: the object may be shared by a data race
    VarHandle.storeStoreFence();
  }

  @Override
  ViewAccount owner() {
    return view.account();
  }

  @Override
  final @Nullable ArenaSpans group() {
    return null;
  }

  @Override
  final void checkAccess() {
    checkLive();
  }

  @Override
  final MemorySegment segment(long byteSize) {
    return view.memory().asSlice(region.address() + offset(), byteSize);
  }

  @Override
  final int limit() {
    return region.isPlain() ? limit : region.endOf(start);
  }

  @Override
  final void lowerLimit(int limit) {
    this.limit = limit;
  }

  @Override
  public final Optional<String> name() {
    return Optional.empty();
  }

  @Override
  public final boolean isLive() {
    return (int) VERSION.getOpaque(this) == region.versions().version(start)
        && !region.isUnlinked();
  }

  @Override
  public void close() {
    discard();
  }

  @Override
  final @Nullable DeferredWork end() {
    if (isOnlyHandle()) {
      VERSION.setOpaque(this, SpanVersions.ENDED);
      return view.core().endUnshared(region, start);
    }
    return isLive() ? endObserved() : null;
  }

  /// Tells whether the span is live and its region plain: nothing else can end or shrink it.
  private boolean isOnlyHandle() {
    return region.isPlain() && version != SpanVersions.ENDED;
  }

  @Override
  final @Nullable DeferredWork shrink(long newByteSize) {
    if (!isOnlyHandle()) {
      return super.shrink(newByteSize);
    }
    int end = limit;
    int newEnd = limitOf(newByteSize);
    limit = newEnd;
    return view.core().shrinkUnshared(region, start, newEnd, end);
  }

  private @Nullable DeferredWork endObserved() {
    SpanCore core = view.core();
    if (region.versions().isShared(start)) {
      return core.endUnobserved(region, start, null);
    }
    VERSION.setOpaque(this, SpanVersions.ENDED);
    return core.end(region, start, null);
  }

  @Override
  final SpanHandle withoutClose() {
    SpanCore core = view.core();
    core.lock();
    try {
      if (isLive()) {
        region.losePlain();
        region.versions().share(start);
      }
      return new FoundSpan(view, region, start, version, owner(), false);
    } finally {
      core.unlock();
    }
  }

  /* Two handles that allocations returned are of two spans. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return this == other || (other instanceof PlainSpan that && isSameAs(that));
  }

  private boolean isSameAs(PlainSpan that) {
    return region == that.region
        && start == that.start
        && version == that.version
        && version != SpanVersions.ENDED
        && (this instanceof FoundSpan || that instanceof FoundSpan);
  }

  @Override
  public final int hashCode() {
    return 31 * System.identityHashCode(region) + start;
  }
}
