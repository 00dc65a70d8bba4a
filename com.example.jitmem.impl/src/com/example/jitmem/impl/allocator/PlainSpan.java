// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A span of which the allocator knows the place only, as its caller got it. How it learns of its
/// end is told at [SpanVersions].
sealed class PlainSpan extends SpanHandle permits FoundSpan {
  private static final VarHandle ENDINGS;

  static {
    try {
      ENDINGS = MethodHandles.lookup().findVarHandle(PlainSpan.class, "endings", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// What was written down when the span began; [SpanVersions#ENDED] when it has ended and nobody
  /// else could know. Changed under the lock, and opaquely, so that it is seen by others soon.
  private int endings;

  /// The granule after the span, as long as its region is plain, so that nobody else can shrink it.
  /// Changed under the lock.
  private int limit;

  PlainSpan(AllocatorView view, Region region, int start, int limit, int endings) {
    super(view, region, start);
    this.limit = limit;
    this.endings = endings;
    // Whoever gets the object without synchronization sees them too, as if they were final
    VarHandle.storeStoreFence();
  }

  /// The object for whoever has allocated a span.
  static PlainSpan of(AllocatorView view, Region region, int start, long byteSize, int endings) {
    return new PlainSpan(view, region, start, start + region.pool.granules(byteSize), endings);
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
    return region.plain ? limit : region.endOf(start);
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
    return (int) ENDINGS.getOpaque(this) == region.versions.version(start) && !region.gone;
  }

  @Override
  public void close() {
    discard();
  }

  @Override
  final @Nullable Reclaimer end() {
    if (isOnlyObject()) {
      ENDINGS.setOpaque(this, SpanVersions.ENDED);
      return view.core().endPlain(region, start);
    }
    return isLive() ? endWitnessed() : null;
  }

  /// Tells whether the span is live and its region plain: nothing else can end or shrink it.
  private boolean isOnlyObject() {
    return region.plain && endings != SpanVersions.ENDED;
  }

  @Override
  final @Nullable Reclaimer shrink(long newByteSize) {
    return isOnlyObject() ? view.core().shrinkPlain(this, newByteSize) : super.shrink(newByteSize);
  }

  private @Nullable Reclaimer endWitnessed() {
    SpanCore core = view.core();
    if (region.versions.isShared(start)) {
      return core.endUnknown(region, start, null);
    }
    ENDINGS.setOpaque(this, SpanVersions.ENDED);
    return core.end(region, start, null);
  }

  @Override
  final SpanHandle withoutClose() {
    SpanCore core = view.core();
    core.lock();
    try {
      if (isLive()) {
        region.plain = false;
        region.versions.share(start);
      }
      return new FoundSpan(view, region, start, endings, owner(), false);
    } finally {
      core.unlock();
    }
  }

  /* Two objects that allocated a span have allocated two. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return this == other || (other instanceof PlainSpan that && isSameAs(that));
  }

  private boolean isSameAs(PlainSpan that) {
    return region == that.region
        && start == that.start
        && endings == that.endings
        && endings != SpanVersions.ENDED
        && (this instanceof FoundSpan || that instanceof FoundSpan);
  }

  @Override
  public final int hashCode() {
    return 31 * System.identityHashCode(region) + start;
  }
}
