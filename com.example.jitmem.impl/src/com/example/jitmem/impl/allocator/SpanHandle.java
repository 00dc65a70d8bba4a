// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/// What a user holds of a span: where it lies and the view it was got from. There may be many for
/// one span; each knows when that has ended.
///
/// There is one for each live span of a user, so fields count: a [PlainSpan] takes 24 bytes.
abstract sealed class SpanHandle implements Span permits PlainSpan, RecordedSpan {
  private static final VarHandle GRANULE;

  static {
    try {
      GRANULE = MethodHandles.lookup().findVarHandle(SpanHandle.class, "granule", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final AllocatorView view;
  final Region region;

  /// The first granule, with all bits inverted when the span has ended and only this object knows
  /// that. Changed under the lock, and opaquely, so that it is seen by others soon.
  private int granule;

  SpanHandle(AllocatorView view, Region region, int start) {
    this.view = view;
    this.region = region;
    granule = start;
    // As if all fields were final: whoever sees the object sees them
    VarHandle.storeStoreFence();
  }

  /// The first granule.
  final int start() {
    return granule ^ granule >> 31;
  }

  /// Tells whether [#endUnseen()] was called.
  final boolean hasEndedUnseen() {
    return (int) GRANULE.getOpaque(this) < 0;
  }

  /// Notes that the span has ended, where nothing else tells so.
  final void endUnseen() {
    GRANULE.setOpaque(this, ~granule);
  }

  /// Who allocated the span.
  abstract ViewAccount owner();

  /// The spans it ends with, null if its caller closes it.
  abstract @Nullable ArenaSpans group();

  /// Refuses a span that has ended, or that the calling thread must not write to.
  ///
  /// @throws IllegalStateException if it has ended
  /// @throws WrongThreadException if its arena is confined to another thread
  abstract void checkAccess();

  /// Makes a segment of the first bytes.
  ///
  /// @throws IllegalStateException if what it would be scoped to has ended
  /// @throws WrongThreadException if its arena is confined to another thread
  abstract MemorySegment segment(long byteSize);

  /// Ends the span if it is live, whoever is to end it. The lock is taken, but releases of other
  /// spans may wait in the [ReleaseBuffer].
  ///
  /// @return what is to be done without the lock, null if there is nothing
  abstract @Nullable Reclaimer end();

  /// The same span in a form that cannot be closed.
  abstract SpanHandle withoutClose();

  @Override
  public final MemorySegment rx() {
    return segment(byteSize());
  }

  /* A short write relies on what is read here being looked up after its slot was taken, see
   * Writers. */
  @Override
  public final long byteSize() {
    SpanCore core = view.core();
    long read = core.lock.beginRead();
    int start = start();
    int end = region.endOf(start);
    boolean live = isLive();
    if (read == 0 || !core.lock.isUndisturbed(read)) {
      core.lock();
      try {
        end = region.endOf(start);
        live = isLive();
      } finally {
        core.unlock();
      }
    }
    if (!live) {
      throw ended();
    }
    return region.bytes(end - start);
  }

  /// Ends the span if it is live, whoever is to end it.
  final void discard() {
    Arena own = view.arenaOrNull();
    try {
      Reclaimer work;
      CoreLock lock = view.core().lock;
      lock.lock();
      try {
        work = end();
      } finally {
        lock.unlock();
      }
      if (work != null) {
        work.run();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /// The offset of the span in its region.
  final long offset() {
    return region.bytes(start());
  }

  /// Refuses a span that has ended.
  ///
  /// @throws IllegalStateException if it has
  final void checkLive() {
    if (!isLive()) {
      throw ended();
    }
  }

  final IllegalStateException ended() {
    return new IllegalStateException("The " + describe() + " has ended");
  }

  /// Refuses to close a span.
  final UnsupportedOperationException notClosable() {
    return new UnsupportedOperationException(
        "The "
            + describe()
            + (group() == null
                ? " is that of a function: closing that one ends it"
                : " has an arena: closing that one ends it"));
  }

  final String describe() {
    return "span at 0x"
        + Long.toHexString(region.address() + offset())
        + name().map(text -> " named " + text).orElse("");
  }

  @Override
  public final String toString() {
    return describe() + (isLive() ? "" : ", ended");
  }
}
