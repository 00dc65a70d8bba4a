// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a user holds of a span: where it lies and the view it was got from. There may be many for
/// one span; each knows when that has ended.
///
/// There is one for each live span of a user, so fields count: with those of [PlainSpan] an object
/// takes 40 bytes.
abstract sealed class SpanHandle implements Span permits PlainSpan, RecordedSpan {
  final AllocatorView view;
  final Region region;
  final int start;

  /// All the memory the span had when it was first asked for.
  private @Nullable MemorySegment memory;

  SpanHandle(AllocatorView view, Region region, int start) {
    this.view = view;
    this.region = region;
    this.start = start;
  }

  /// Who allocated the span.
  abstract ViewAccount owner();

  /// The spans it ends with, null if its caller closes it.
  abstract @Nullable ArenaSpans group();

  /// An arena with the lifetime of the span's memory.
  ///
  /// @throws IllegalStateException if there is none any more
  abstract Arena arena();

  /// Ends the span, whoever is to end it.
  abstract void discard();

  /// The same span in a form that cannot be closed.
  abstract SpanHandle withoutClose();

  @Override
  public final MemorySegment rx() {
    long byteSize = byteSize();
    MemorySegment bound = memory;
    if (bound == null) {
      bound = bind(byteSize);
    }
    return bound.byteSize() == byteSize ? bound : bound.asSlice(0, byteSize);
  }

  /// Makes the segment.
  ///
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  final MemorySegment bind(long byteSize) {
    MemorySegment bound = Scopes.bind(region.rx.asSlice(offset(), byteSize), arena());
    memory = bound;
    return bound;
  }

  @Override
  public long byteSize() {
    return lookUpByteSize();
  }

  /// Notes that the span was shrunk through this handle, under the lock.
  abstract void noteShrunk(int granules);

  /// Finds the size in the tables.
  ///
  /// @throws IllegalStateException if the span has ended
  final long lookUpByteSize() {
    CoreLock lock = view.core().lock;
    long read = lock.beginRead();
    int end = region.endOf(start);
    boolean live = isLive();
    if (read == 0 || !lock.isUndisturbed(read)) {
      lock.lock();
      try {
        end = region.endOf(start);
        live = isLive();
      } finally {
        lock.unlock();
      }
    }
    if (!live) {
      throw ended();
    }
    return region.bytes(end - start);
  }

  /// The offset of the span in its region.
  final long offset() {
    return region.bytes(start);
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
