// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import org.osgi.annotation.versioning.ProviderType;

/// An allocator that belongs to whoever created it, who may therefore end it.
///
/// As it has one view only, [#reset] covers the whole allocator.
///
/// An allocator that is never closed ends when neither it nor any of its spans and their segments
/// can be reached any more. Spans with an arena that somebody has to close, that is a confined or
/// shared one, a group or a protected function, keep it until that is closed, as the JDK keeps
/// memory of such arenas.
@ProviderType
public interface OwnedJitAllocator extends JitAllocator, AutoCloseable {
  /// Ends all spans that their caller would close, and the allocator. Memory without such spans is
  /// given back to the system at once, the rest when no segment of them can be reached any more.
  /// Does nothing when the allocator is closed already.
  ///
  /// After that every method throws [IllegalStateException] but this one, [#statistics()],
  /// [#parameters()], [#requestedParameters()], [#codeWriting()] and [#refusedWays()].
  ///
  /// @throws IllegalStateException if a span has an arena: close the arena, the group or the
  ///     protected function first. Nothing has ended then.
  @Override
  void close();
}
