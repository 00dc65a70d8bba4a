// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Spans of one view that end with one arena. One cleanup is registered with the arena for all of
/// them; it holds this object, which does not hold the arena.
///
/// Registering has a lock of its own; the lock of the core guards everything else.
final class ArenaSpans {
  private final Map<MemorySegment.Scope, ArenaSpans> listed;
  private final WeakReference<MemorySegment.Scope> scope;
  private final Mappings mappings;
  private final ReentrantLock registering = new ReentrantLock();
  private @Nullable SpanRecord first;
  private boolean registered;
  private volatile boolean ended;

  /// Keeps regions mapped, from the first span to the end.
  private Mappings.@Nullable Share share;

  /// Prepares a list without spans.
  ///
  /// @param listed where it is listed by its scope, guarded by the lock of the core
  ArenaSpans(
      Map<MemorySegment.Scope, ArenaSpans> listed, MemorySegment.Scope scope, Mappings mappings) {
    this.listed = listed;
    this.scope = new WeakReference<>(scope);
    this.mappings = mappings;
  }

  /// The lifetime of the spans.
  ///
  /// @return null when nothing can reach the arena and its segments any more
  MemorySegment.@Nullable Scope scope() {
    return scope.get();
  }

  /// Registers the cleanup, once. An arena that refuses runs it at once, in this thread. Must be
  /// called without the lock of the core, which the cleanup takes.
  ///
  /// @return false if another thread has failed to register: a new object is needed then
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  boolean register(Arena arena, Runnable cleanup) {
    registering.lock();
    try {
      if (registered) {
        Segments.requireUsable(arena);
      } else if (!ended) {
        Segments.atEnd(arena, cleanup);
        registered = true;
      }
      return registered;
    } finally {
      registering.unlock();
    }
  }

  /// Refuses new spans after the end of the arena.
  ///
  /// @throws IllegalStateException if the arena has ended
  void checkOpen() {
    if (ended) {
      throw new IllegalStateException("The arena of the span is closed");
    }
  }

  /// One of the live spans.
  @Nullable SpanRecord first() {
    return first;
  }

  void add(SpanRecord span) {
    span.next = first;
    if (first != null) {
      first.previous = span;
    }
    first = span;
    if (share == null) {
      share = mappings.share();
    }
  }

  void remove(SpanRecord span) {
    if (span.previous == null) {
      first = span.next;
    } else {
      span.previous.next = span.next;
    }
    if (span.next != null) {
      span.next.previous = span.previous;
    }
    span.previous = null;
    span.next = null;
  }

  /// Refuses further spans. Existing spans still have to be ended.
  void end() {
    ended = true;
    MemorySegment.Scope own = scope.get();
    if (own != null) {
      listed.remove(own, this);
    }
  }

  /// Lets regions be unmapped again, after the spans have ended and their memory was freed.
  void leave() {
    if (share != null) {
      share.leave();
    }
  }
}
