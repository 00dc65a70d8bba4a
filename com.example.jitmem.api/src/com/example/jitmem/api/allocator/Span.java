// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/// A piece of executable memory: whole granules that belong to one owner alone until the span ends.
///
/// A span without an arena ends when it is closed. After that every method that needs its memory
/// throws. A segment taken from it before is then a bare address and must not be used: the memory
/// may already hold other code, or be unmapped, so that reading it crashes the JVM. The memory of a
/// span that was not closed stays mapped as long as the allocator, the span or a segment of it is
/// reachable.
///
/// A span with an arena ends with the arena, and with it all segments of the span: calls through
/// them throw [IllegalStateException]. The arena cannot close while a thread is inside the code.
///
/// Two objects are equal if they represent the same allocation. All methods are thread-safe.
@ProviderType
public interface Span extends AutoCloseable {
  /// The memory at the address where it is executed. Read-only; write it through the allocator.
  ///
  /// @return a segment of [#byteSize()] bytes
  /// @throws IllegalStateException if the span has ended
  /// @throws WrongThreadException if this object comes from [JitAllocator#query], and the arena of
  ///     the span is confined to another thread
  MemorySegment rx();

  /// The size that was requested, or to which the span was shrunk, rounded up to whole granules.
  ///
  /// @return the size in bytes
  /// @throws IllegalStateException if the span has ended
  long byteSize();

  /// The name from the request.
  ///
  /// @return the name, empty if the span has none
  Optional<String> name();

  /// Tells whether the span is live.
  ///
  /// @return whether it can be used; another thread may end it at any moment
  boolean isLive();

  /// Ends the span and returns its memory to the allocator. Does nothing if the span has ended.
  ///
  /// @throws UnsupportedOperationException if the span has an arena, which ends it
  /// @throws IllegalStateException if the span belongs to another view, as [JitAllocator#query] may
  ///     return it
  @Override
  void close();
}
