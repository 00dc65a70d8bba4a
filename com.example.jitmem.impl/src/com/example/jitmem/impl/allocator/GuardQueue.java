// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Guards whose spans are to end in another thread than the one that found out: because it must not
/// take a lock, or because it was the garbage collector. Operations on functions and the ticks of
/// the purge end these spans.
///
/// All methods are thread-safe.
public final class GuardQueue {
  /// Guards whose owners the garbage collector has found unreachable.
  final ReferenceQueue<Object> unreachable = new ReferenceQueue<>();

  /// A lock-free (Treiber) stack. Guards are taken all at once, so it has no ABA problem.
  private final AtomicReference<@Nullable SpanGuard> posted = new AtomicReference<>();

  /// How many guards are posted or will be, and are waited for by ticks. Below 0 while one is
  /// settled before [#await] was called for it.
  private final AtomicInteger awaited = new AtomicInteger();

  private final AtomicBoolean watching = new AtomicBoolean();
  private volatile boolean closed;

  GuardQueue() {}

  /// Leaves a guard to be settled later. Takes no lock, allocates nothing and does not block.
  ///
  /// @param guard a guard that is not posted
  public void post(SpanGuard guard) {
    SpanGuard top = posted.get();
    guard.below = top;
    while (!posted.compareAndSet(top, guard)) {
      top = posted.get();
      guard.below = top;
    }
  }

  /// Ends the spans of posted guards and of unreachable owners. Must be called without the lock of
  /// the core.
  public void settle() {
    for (Reference<?> found = unreachable.poll(); found != null; found = unreachable.poll()) {
      ((SpanGuard) found).abandon();
    }
    if (posted.get() != null) {
      settlePosted();
    }
  }

  private void settlePosted() {
    SpanGuard guard = posted.getAndSet(null);
    while (guard != null) {
      SpanGuard below = guard.below;
      guard.below = null;
      if (guard.settle()) {
        awaited.decrementAndGet();
      } else {
        post(guard);
      }
      guard = below;
    }
  }

  /// Counts a guard that is posted or will be. The caller requests a tick.
  void await() {
    awaited.incrementAndGet();
  }

  /// Tells whether further ticks are needed.
  boolean isAwaited() {
    return awaited.get() > 0;
  }

  /// Has unreachable owners noticed after each garbage collection, as long as the allocator is
  /// reachable and not closed.
  void watch() {
    if (!watching.get() && !closed && watching.compareAndSet(false, true)) {
      awaitCollection(new WeakReference<>(this));
    }
  }

  /* An automatic arena that nothing reaches ends with the next garbage collection. Its cleanup
   * runs in the JDK's cleaner thread: no thread of ours and no registration per guard is needed. */
  private static void awaitCollection(WeakReference<GuardQueue> queue) {
    Segments.atEnd(Arena.ofAuto(), () -> collected(queue));
  }

  private static void collected(WeakReference<GuardQueue> reference) {
    GuardQueue queue = reference.get();
    if (queue != null && !queue.closed) {
      queue.settle();
      awaitCollection(reference);
    }
  }

  /// Ends the watch, because the allocator has ended.
  void close() {
    closed = true;
  }
}
