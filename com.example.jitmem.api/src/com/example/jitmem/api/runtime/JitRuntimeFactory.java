// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import org.osgi.annotation.versioning.ProviderType;

/// Creates runtimes. An OSGi service, and outside OSGi a service of [java.util.ServiceLoader].
///
/// All methods are thread-safe.
@ProviderType
public interface JitRuntimeFactory {
  /// Creates a runtime on an allocator. The runtime need not be closed and ends with the allocator.
  ///
  /// @param allocator provides memory for functions; one of this implementation
  /// @return the runtime
  /// @throws IllegalArgumentException if the allocator is not one of this implementation
  JitRuntime create(JitAllocator allocator);
}
