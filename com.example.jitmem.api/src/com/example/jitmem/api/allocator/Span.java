// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/// A piece of executable memory: whole granules that nobody else has until it ends.
///
/// A span without an arena ends when it is closed. After that every use of its memory throws, but a
/// segment taken from it before is an address like any other: the memory may hold other code
/// already, or have gone back to the system, so that reading it ends the JVM. Using it is up to the
/// caller. The memory of a span that was not closed stays mapped as long as the allocator, the span
/// or a segment of it can be reached.
///
/// A span with an arena ends with the arena. Segments taken from it end then too, calls through
/// them throw [IllegalStateException], and the arena cannot close while a thread is inside the
/// code.
///
/// Two objects are equal when they stand for the same allocation. All methods are thread-safe.
@ProviderType
public interface Span extends AutoCloseable {
  /// The memory at the address where it is executed. Read-only; it is written through the
  /// allocator.
  ///
  /// @return a segment of [#byteSize()] bytes
  /// @throws IllegalStateException if the span has ended
  /// @throws WrongThreadException if this object was got by [JitAllocator#query], and the arena of
  ///     the span is confined to another thread
  MemorySegment rx();

  /// The size: what was asked for, or what the span was shrunk to, rounded up to whole granules.
  ///
  /// @return the size in bytes
  /// @throws IllegalStateException if the span has ended
  long byteSize();

  /// The name it was allocated with.
  ///
  /// @return the name, empty if it was given none
  Optional<String> name();

  /// Tells whether the span has not ended.
  ///
  /// @return whether it can be used; another thread may end it at any moment
  boolean isLive();

  /// Ends the span and gives its memory back to the allocator. Does nothing when the span has
  /// ended.
  ///
  /// @throws UnsupportedOperationException if the span has an arena, which ends it
  /// @throws IllegalStateException if the span belongs to another view; it was got by
  ///     [JitAllocator#query]
  @Override
  void close();
}
