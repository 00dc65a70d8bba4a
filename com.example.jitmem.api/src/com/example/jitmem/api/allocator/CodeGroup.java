// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import java.lang.foreign.Arena;
import org.osgi.annotation.versioning.ProviderType;

/// Spans that end together: one shared arena for the code of one module, query or filter.
///
/// Closing a group costs one handshake with all threads of the JVM, some 20 to 100 µs, however many
/// spans it has. With one arena per span, each span would cost that much.
///
/// All methods are thread-safe.
@ProviderType
public interface CodeGroup extends AutoCloseable {
  /// The arena of the group, for other memory that must end with it.
  ///
  /// @return a shared arena. Closing it closes the group.
  Arena arena();

  /// Allocates a span that ends with the group.
  ///
  /// @param byteSize the size in bytes, from 1 to [JitAllocator#MAX_SPAN_BYTE_SIZE]
  /// @return the span
  /// @throws IllegalArgumentException if the size is out of range
  /// @throws IllegalStateException if the group or the allocator is closed
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses memory
  Span alloc(long byteSize);

  /// Allocates a span that ends with the group.
  ///
  /// @param request the request; without an arena, or with the group's own
  /// @return the span
  /// @throws IllegalArgumentException if the request names another arena
  /// @throws IllegalStateException if the group or the allocator is closed
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses memory
  Span alloc(SpanRequest request);

  /// Ends the group and all its spans. Does nothing if it is already closed.
  ///
  /// @throws IllegalStateException if a thread is inside code of the group; nothing has ended then
  ///     and closing can be tried again
  @Override
  void close();
}
