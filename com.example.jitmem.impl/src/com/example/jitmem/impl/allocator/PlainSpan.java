// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A span of which the allocator knows the place only, as its caller got it. How it learns of its
/// end is told at [Endings].
sealed class PlainSpan extends SpanHandle permits CountedSpan {
  PlainSpan(AllocatorView view, Region region, int start) {
    super(view, region, start);
  }

  /// The object for whoever allocated a span.
  ///
  /// @param endings what was written down of its place
  static PlainSpan of(AllocatorView view, Region region, int start, int endings) {
    return endings == 0
        ? new PlainSpan(view, region, start)
        : new CountedSpan(view, region, start, endings);
  }

  /// What was written down of its place when the span began.
  int endings() {
    return 0;
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
  public final Optional<String> name() {
    return Optional.empty();
  }

  @Override
  public final boolean isLive() {
    return !hasEndedUnseen() && endings() == region.endings.count(start()) && !region.gone;
  }

  @Override
  public void close() {
    discard();
  }

  @Override
  final @Nullable Reclaimer end() {
    if (region.plain && !hasEndedUnseen()) {
      endUnseen();
      return view.core().endPlain(region, start());
    }
    return isLive() ? endWitnessed() : null;
  }

  private @Nullable Reclaimer endWitnessed() {
    SpanCore core = view.core();
    if (region.endings.isWitnessed(start())) {
      return core.endUnknown(region, start(), null);
    }
    endUnseen();
    return core.end(region, start(), null);
  }

  @Override
  final SpanHandle withoutClose() {
    SpanCore core = view.core();
    core.lock();
    try {
      if (isLive()) {
        region.plain = false;
        region.endings.makeRoom(start());
        region.endings.tryWitness(start());
      }
      return new FoundSpan(view, region, start(), endings(), owner(), false);
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
        && start() == that.start()
        && endings() == that.endings()
        && !hasEndedUnseen()
        && !that.hasEndedUnseen()
        && (this instanceof FoundSpan || that instanceof FoundSpan);
  }

  @Override
  public final int hashCode() {
    return 31 * System.identityHashCode(region) + start();
  }
}
