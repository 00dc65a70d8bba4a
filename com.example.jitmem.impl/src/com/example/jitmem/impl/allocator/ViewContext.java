// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// What the handles of a view's spans share: the core, the account of the view, and the automatic
/// arena that keeps regions mapped while a segment of the view can be reached.
final class ViewContext {
  private final SpanCore core;
  private final ViewAccount account;

  /// The spans of each arena, until the arena ends. Guarded by the lock of the core.
  private final Map<MemorySegment.Scope, ArenaSpans> scoped = new WeakHashMap<>();

  private volatile @Nullable Arena arena = Arena.ofAuto();

  /// All addresses there are, in the scope of the arena.
  private volatile @Nullable MemorySegment memory = Segments.everything(arena());

  ViewContext(SpanCore core, String owner) {
    this.core = core;
    account = new ViewAccount(owner);
    Mappings.Share share = core.mappings.share();
    Segments.atEnd(arena(), share::leave);
  }

  SpanCore core() {
    return core;
  }

  ViewAccount account() {
    return account;
  }

  /// The automatic arena.
  ///
  /// @throws IllegalStateException if the view is closed
  Arena arena() {
    Arena own = arena;
    if (own == null) {
      throw closed();
    }
    return own;
  }

  @Nullable Arena arenaOrNull() {
    return arena;
  }

  /// All addresses there are, in the scope of the arena.
  ///
  /// @throws IllegalStateException if the view is closed
  MemorySegment memory() {
    MemorySegment all = memory;
    if (all == null) {
      throw closed();
    }
    return all;
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("The allocator is closed");
  }

  /// Gives up the arena. Memory is unmapped when no segment can be reached any more.
  void close() {
    arena = null;
    memory = null;
  }

  /// The spans that end with an arena.
  ///
  /// @throws IllegalStateException if the arena is closed, or the allocator has ended
  /// @throws WrongThreadException if the arena is confined to another thread
  ArenaSpans join(Arena given) {
    while (true) {
      ArenaSpans spans;
      core.lock();
      try {
        core.generations.checkOpen();
        spans =
            scoped.computeIfAbsent(
                given.scope(), scope -> new ArenaSpans(scoped, scope, core.mappings));
      } finally {
        core.unlock();
      }
      if (spans.register(given, new ArenaCleanup(core, spans))) {
        return spans;
      }
    }
  }
}
