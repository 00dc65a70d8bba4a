// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Helpers for segments and arenas: they tie memory to an arena, and check arguments before
/// anything changes.
@SuppressWarnings("restricted")
public final class Segments {
  private Segments() {}

  /// Ties memory to an arena.
  ///
  /// @param memory memory in the global scope
  /// @param arena the arena
  /// @return all of it in the scope of the arena
  public static MemorySegment bind(MemorySegment memory, Arena arena) {
    return memory.reinterpret(arena, null);
  }

  /// Ties the start of some memory to an arena, and an action to its end.
  ///
  /// @param memory memory in the global scope
  /// @param byteSize how much of it
  /// @param arena the arena
  /// @param atEnd runs when the arena ends; must not throw
  /// @return the start in the scope of the arena
  /// @throws IllegalStateException if the arena is closed; `atEnd` will not run
  public static MemorySegment bind(
      MemorySegment memory, long byteSize, Arena arena, Runnable atEnd) {
    return memory.reinterpret(byteSize, arena, ended -> atEnd.run());
  }

  /// All addresses there are, in the scope of an arena.
  ///
  /// @param arena the arena
  /// @return a segment to be read where something is mapped
  public static MemorySegment everything(Arena arena) {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE, arena, null).asReadOnly();
  }

  /// Makes an arena run an action when it ends.
  ///
  /// @param arena the arena
  /// @param action must not throw
  /// @throws IllegalStateException if the arena is closed; the action has run then
  /// @throws WrongThreadException if the arena is confined to another thread; the action has run
  public static void atEnd(Arena arena, Runnable action) {
    MemorySegment.NULL.reinterpret(arena, ignored -> action.run());
  }

  /// An arena made from a scope alone.
  ///
  /// @param scope the scope
  /// @return an arena that cannot be closed and does not allocate
  public static Arena arenaOf(MemorySegment.Scope scope) {
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

  /// Refuses arenas in which the calling thread cannot allocate.
  ///
  /// @param arena an arena
  /// @throws IllegalStateException if it is closed
  /// @throws WrongThreadException if it is confined to another thread
  public static void requireUsable(Arena arena) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("Arena is closed");
    }
    requireAccessible(MemorySegment.NULL.reinterpret(arena, null), "segment");
  }

  /// Refuses memory that the calling thread cannot access.
  ///
  /// @param segment memory of a user
  /// @param what what it holds, for the message
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  public static void requireAccessible(MemorySegment segment, String what) {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("The arena of the " + what + " is closed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException("The arena of the " + what + " is confined to another thread");
    }
  }

  /// A source that can be copied to some memory, also if it is that memory itself: code is written
  /// at other addresses than it is read at, so that an overlap would not be noticed.
  ///
  /// @param source what is copied
  /// @param memory the memory where it is read
  /// @return the source, or a copy of it if it overlaps the memory
  public static MemorySegment unaliased(MemorySegment source, MemorySegment memory) {
    return !source.isNative() || source.asOverlappingSlice(memory).isEmpty()
        ? source
        : MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE));
  }
}
