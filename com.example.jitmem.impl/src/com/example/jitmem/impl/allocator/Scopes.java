// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What the allocator needs of arenas beside their public methods.
final class Scopes {
  private Scopes() {}

  /// Makes an arena run an action when it ends.
  ///
  /// @throws IllegalStateException if the arena is closed; the action has run then
  /// @throws WrongThreadException if the arena is confined to another thread; the action has run
  @SuppressWarnings("restricted")
  static void atEnd(Arena arena, Runnable action) {
    MemorySegment.NULL.reinterpret(arena, ignored -> action.run());
  }

  /// Refuses arenas that cannot take segments now.
  ///
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  @SuppressWarnings("restricted")
  static void check(Arena arena) {
    MemorySegment.NULL.reinterpret(arena, null);
  }

  /// Ties memory that is in the global scope to an arena.
  @SuppressWarnings("restricted")
  static MemorySegment bind(MemorySegment memory, Arena arena) {
    return memory.reinterpret(arena, null);
  }

  /// All addresses there are, in the scope of an arena, to be read where something is mapped.
  @SuppressWarnings("restricted")
  static MemorySegment everything(Arena arena) {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE, arena, null).asReadOnly();
  }

  /// An arena of which only the scope is at hand. It cannot be closed.
  static Arena arenaOf(MemorySegment.Scope scope) {
    return new Arena() {
      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        throw new UnsupportedOperationException("This arena stands for a scope only");
      }

      @Override
      public MemorySegment.Scope scope() {
        return scope;
      }

      @Override
      public void close() {
        throw new UnsupportedOperationException("This arena stands for a scope only");
      }
    };
  }
}
