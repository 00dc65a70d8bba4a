// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import com.example.jitmem.api.virtmem.VirtMemException;
import org.osgi.annotation.versioning.ProviderType;

/// Creates allocators. An OSGi service, and outside OSGi a service of [java.util.ServiceLoader].
///
/// All methods are thread-safe.
@ProviderType
public interface JitAllocatorFactory {
  /// Creates an allocator that belongs to the caller. No memory is committed before the first span.
  ///
  /// What ends its spans has to be closed before the allocator, so declare it after the allocator:
  ///
  /// ```java
  /// try (OwnedJitAllocator allocator = factory.create(parameters);
  ///     Arena arena = Arena.ofShared()) {
  ///   Span span = allocator.alloc(SpanRequest.of(64).withArena(arena));
  /// }
  /// ```
  ///
  /// @param parameters the parameters of the allocator
  /// @return the allocator
  /// @throws VirtMemException if this process has no way of writing code, or not the one that
  ///     [JitAllocatorParameters#isDirect()] requires, or if the system is not supported
  OwnedJitAllocator create(JitAllocatorParameters parameters);

  /// Creates an allocator with [JitAllocatorParameters#defaults()].
  ///
  /// @return the allocator
  /// @throws VirtMemException if this process has no way of writing code, or if the system is not
  ///     supported
  default OwnedJitAllocator create() {
    return create(JitAllocatorParameters.defaults());
  }
}
