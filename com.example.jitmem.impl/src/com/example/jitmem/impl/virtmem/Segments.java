// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Segments of mapped memory, and the checks of the arenas they belong to.
final class Segments {
  private Segments() {}

  /// Memory that the port returned, in the global scope.
  @SuppressWarnings("restricted")
  static MemorySegment of(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  /// The start of some memory, as a segment of an arena.
  @SuppressWarnings("restricted")
  static MemorySegment in(Arena arena, MemorySegment memory, long byteSize) {
    return memory.reinterpret(byteSize, arena, null);
  }

  /// The start of some memory, as a segment of an arena.
  ///
  /// @param atEnd runs when the arena ends; must not throw
  /// @throws IllegalStateException if the arena is closed; `atEnd` will not run
  @SuppressWarnings("restricted")
  static MemorySegment in(Arena arena, MemorySegment memory, long byteSize, Runnable atEnd) {
    return memory.reinterpret(byteSize, arena, ended -> atEnd.run());
  }

  /// Checks that the calling thread can allocate in an arena.
  ///
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if it is confined to another thread
  static void requireUsable(Arena arena) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("Arena is closed");
    }
    requireUsable(in(arena, MemorySegment.NULL, 0));
  }

  /// Checks that the calling thread can access a segment.
  ///
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  static void requireUsable(MemorySegment segment) {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("Arena is closed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException("Arena is confined to another thread");
    }
  }
}
