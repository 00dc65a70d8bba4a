// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import org.osgi.annotation.versioning.ProviderType;

/// An allocator that belongs to its creator and can be closed.
///
/// It has one view only, so [#reset] covers the whole allocator.
///
/// An allocator that is never closed ends when neither it nor any of its spans and their segments
/// are reachable. Spans that must be ended explicitly (those of a confined or shared arena, of a
/// group or of a protected function) keep it alive until they end, as the JDK keeps the memory of
/// such arenas.
@ProviderType
public interface OwnedJitAllocator extends JitAllocator, AutoCloseable {
  /// Ends all spans and the allocator. Memory without live spans is returned to the system at once,
  /// the rest when no segment of it is reachable. Does nothing if the allocator is already closed.
  ///
  /// Afterwards every method throws [IllegalStateException] but this one, [#statistics()],
  /// [#parameters()], [#requestedParameters()], [#codeWriting()] and [#refusedWays()].
  ///
  /// @throws IllegalStateException if a span has an arena: close the arena, the group or the
  ///     protected function first. Nothing has ended then.
  @Override
  void close();
}
