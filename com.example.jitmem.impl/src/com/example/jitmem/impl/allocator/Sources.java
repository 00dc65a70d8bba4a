// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory that code is copied from.
final class Sources {
  private Sources() {}

  /// Refuses memory that the calling thread cannot read.
  ///
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if it is confined to another thread
  static void check(MemorySegment source) {
    if (!source.scope().isAlive()) {
      throw new IllegalStateException("The arena of the source is closed");
    }
    if (!source.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException("The source is confined to another thread");
    }
  }

  /// A source that can be copied into a region. Code of the region itself is copied first: it is
  /// written at other addresses than it is read at, so that an overlap would not be noticed.
  static MemorySegment unaliased(MemorySegment source, Region region) {
    return !source.isNative() || source.asOverlappingSlice(region.rx).isEmpty()
        ? source
        : MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE));
  }
}
