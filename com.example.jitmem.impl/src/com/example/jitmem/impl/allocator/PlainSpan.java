// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A span of which the allocator knows the place only, as its caller got it. How it learns of its
/// end is told at [Endings].
sealed class PlainSpan extends SpanHandle permits FoundSpan {
  private static final VarHandle ENDINGS;

  static {
    try {
      ENDINGS = MethodHandles.lookup().findVarHandle(PlainSpan.class, "endings", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// What was written down when the span began; [Endings#UNSEEN] when it has ended and nobody else
  /// could know. Changed under the lock, and opaquely, so that it is seen by others soon.
  private int endings;

  PlainSpan(AllocatorView view, Region region, int start, int endings) {
    super(view, region, start);
    this.endings = endings;
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
  final Arena arena() {
    return view.arena();
  }

  @Override
  public final Optional<String> name() {
    return Optional.empty();
  }

  @Override
  public final boolean isLive() {
    return (int) ENDINGS.getOpaque(this) == region.endings.count(start) && !region.gone;
  }

  @Override
  public void close() {
    discard();
  }

  @Override
  final @Nullable Reclaimer end() {
    if (region.plain && endings != Endings.UNSEEN) {
      ENDINGS.setOpaque(this, Endings.UNSEEN);
      return view.core().endPlain(region, start);
    }
    return isLive() ? endWitnessed() : null;
  }

  private @Nullable Reclaimer endWitnessed() {
    SpanCore core = view.core();
    if (region.endings.isWitnessed(start)) {
      return core.endUnknown(region, start, null);
    }
    ENDINGS.setOpaque(this, Endings.UNSEEN);
    return core.end(region, start, null);
  }

  @Override
  final SpanHandle withoutClose() {
    SpanCore core = view.core();
    core.lock();
    try {
      if (isLive()) {
        region.plain = false;
        region.endings.makeRoom(start);
        region.endings.tryWitness(start);
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
        && endings != Endings.UNSEEN
        && (this instanceof FoundSpan || that instanceof FoundSpan);
  }

  @Override
  public final int hashCode() {
    return 31 * System.identityHashCode(region) + start;
  }
}
