// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a user holds of a span: where it lies and the view it was got from. There may be many for
/// one span; each knows when that has ended.
///
/// There is one for each live span of a user, so fields count: with those of [PlainSpan] an object
/// takes 32 bytes, half a cache line.
abstract sealed class SpanHandle implements Span permits PlainSpan, RecordedSpan {
  final ViewContext view;
  final Region region;
  final int start;

  SpanHandle(ViewContext view, Region region, int start) {
    this.view = view;
    this.region = region;
    this.start = start;
  }

  /// The account of the view that allocated the span.
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

  /// The granule after the span. Without the lock the answer may be wrong.
  abstract int limit();

  /// Notes that the span is smaller now, under the lock.
  abstract void lowerLimit(int limit);

  /// The granule after the span if it had another size, under the lock.
  ///
  /// @throws IllegalArgumentException if it could not be shrunk to that
  final int limitOf(long newByteSize) {
    long byteSize = region.bytes(limit() - start);
    if (newByteSize < 1 || newByteSize > byteSize) {
      throw new IllegalArgumentException(
          "New size is not from 1 to " + byteSize + " bytes: " + newByteSize);
    }
    return start + region.pool().granules(newByteSize);
  }

  /// Ends the span if it is live, also where its caller cannot close it. The lock is taken, but
  /// releases of other spans may wait in the [ReleaseBuffer].
  ///
  /// @return what is to be done without the lock, null if there is nothing
  abstract @Nullable DeferredWork end();

  /// Frees the tail of the span. The lock is taken, but releases of other spans may wait in the
  /// [ReleaseBuffer].
  ///
  /// @return what is to be done without the lock, null if there is nothing
  /// @throws IllegalStateException if the span has ended
  /// @throws IllegalArgumentException if the size is not one of a part of the span
  @Nullable DeferredWork shrink(long newByteSize) {
    checkLive();
    return shrinkTo(newByteSize, null);
  }

  /// Tells whether this handle may shrink the span.
  boolean isShrinkable() {
    return true;
  }

  /// Frees the tail of a live span.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  final @Nullable DeferredWork shrinkTo(long newByteSize, @Nullable DeferredWork work) {
    int end = limit();
    int newEnd = limitOf(newByteSize);
    lowerLimit(newEnd);
    return view.core().shrink(region, start, newEnd, end, work);
  }

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
    SeqLock lock = core.readLock();
    long read = lock.beginRead();
    int end = limit();
    boolean live = isLive();
    if (read == 0 || !lock.isUndisturbed(read)) {
      core.lock();
      try {
        end = limit();
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

  /// Ends the span if it is live, also where its caller cannot close it.
  final void discard() {
    Arena own = view.arenaOrNull();
    try {
      DeferredWork work;
      SpanCore core = view.core();
      core.lockBuffered();
      try {
        work = end();
      } finally {
        core.unlock();
      }
      if (work != null) {
        Reclaimer.perform(core, work);
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /// Where the span lies.
  final long place() {
    return region.place(start);
  }

  /// The offset of the span in its region.
  final long offset() {
    return region.bytes(start);
  }

  /// Registers a writer that stays longer than a call.
  ///
  /// @throws IllegalStateException if the span has ended
  final void registerWriter() {
    SpanCore core = view.core();
    core.lock();
    try {
      checkLive();
      core.writers.count(place());
    } finally {
      core.unlock();
    }
  }

  /// The handle of a view's own span.
  ///
  /// @throws IllegalArgumentException if it belongs to another view
  static SpanHandle own(Span span, ViewContext view) {
    if (!(Objects.requireNonNull(span) instanceof SpanHandle handle)
        || handle.owner() != view.account()) {
      throw new IllegalArgumentException("Not a span of this view: " + span);
    }
    return handle;
  }

  /// The handle of a view's own span that the calling thread may write.
  ///
  /// @throws IllegalArgumentException if it belongs to another view
  /// @throws IllegalStateException if it has ended
  /// @throws WrongThreadException if its arena is confined to another thread
  static SpanHandle writable(Span span, ViewContext view) {
    SpanHandle handle = own(span, view);
    handle.checkAccess();
    return handle;
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
                ? " is that of a function: only closing that one ends it, and it keeps its size"
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
