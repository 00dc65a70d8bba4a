// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import org.osgi.annotation.versioning.ProviderType;

/// Creates runtimes. An OSGi service, and a type for [java.util.ServiceLoader] where there is no
/// OSGi.
///
/// All methods are thread-safe.
@ProviderType
public interface JitRuntimeFactory {
  /// Creates a runtime that places its functions by an allocator. The runtime needs no closing and
  /// ends with the allocator.
  ///
  /// @param allocator where functions are placed; one of this component
  /// @return the runtime
  /// @throws IllegalArgumentException if the allocator is not one of this component
  JitRuntime create(JitAllocator allocator);
}
