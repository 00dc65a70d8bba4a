// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A span of which the allocator knows the place only, as its caller got it. How it learns of its
/// end is told at [Endings].
sealed class PlainSpan extends SpanHandle permits FoundSpan {
  private static final VarHandle CLOSING;

  static {
    try {
      CLOSING = MethodHandles.lookup().findVarHandle(PlainSpan.class, "closing", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// What was written down when the span began; [Endings#UNSEEN] when it has ended and nobody else
  /// could know. Changed under the lock.
  private int endings;

  /// The span has ended through this object, or is just about to. Read and written opaquely: it is
  /// seen by others soon, and the lock orders it where order matters.
  private boolean closing;

  /// The span has ended through this object. Guarded by the lock.
  private boolean closed;

  /// The size, unless [Region#shrunkByOthers]. Changed under the lock.
  private int granules;

  PlainSpan(AllocatorView view, Region region, int start, int granules, int endings) {
    super(view, region, start);
    this.granules = granules;
    this.endings = endings;
  }

  @Override
  public long byteSize() {
    if (region.shrunkByOthers) {
      return lookUpByteSize();
    }
    checkLive();
    return region.bytes(granules);
  }

  @Override
  void noteShrunk(int newGranules) {
    granules = newGranules;
  }

  private boolean isClosing() {
    return (boolean) CLOSING.getOpaque(this);
  }

  final void setClosing() {
    CLOSING.setOpaque(this, true);
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
  final Arena arena() {
    return view.arena();
  }

  @Override
  public final Optional<String> name() {
    return Optional.empty();
  }

  @Override
  public final boolean isLive() {
    return !isClosing() && isCurrent();
  }

  private boolean isCurrent() {
    return !region.gone && region.endings.count(start) == endings;
  }

  /* The flag is set before the lock is taken: a short write that does not see it is seen by the one
   * who ends the span, see Writers. Nothing but the flag decides in isLive(), and nothing can fail
   * between it and the end. */
  @Override
  public void close() {
    if (isClosing()) {
      return;
    }
    setClosing();
    Arena own = view.arenaOrNull();
    try {
      Reclaimer work = end();
      if (work != null) {
        work.run();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private @Nullable Reclaimer end() {
    SpanCore core = view.core();
    core.lock.lock();
    try {
      if (closed || !(region.plain || isCurrent())) {
        return null;
      }
      closed = true;
      if (!region.plain && region.endings.isWitnessed(start)) {
        return core.endUnknown(region, start, null);
      }
      endings = Endings.UNSEEN;
      return region.shrunkByOthers
          ? core.end(region, start, null)
          : core.end(region, start, start + granules, null);
    } finally {
      core.lock.unlock();
    }
  }

  @Override
  void discard() {
    close();
  }

  @Override
  final SpanHandle withoutClose() {
    SpanCore core = view.core();
    core.lock.lock();
    try {
      if (isLive()) {
        region.plain = false;
        region.endings.makeRoom(start);
        region.endings.tryWitness(start);
      }
      return new FoundSpan(view, region, start, granules, endings, owner(), false);
    } finally {
      core.lock.unlock();
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
