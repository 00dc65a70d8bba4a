// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.impl.memory.CodeMemorySource;

/// Shared by all configured allocators of a framework. A private service of this bundle: it is
/// registered only if this process can run code, and allocators are configured only then.
///
/// @param memory where allocators get their memory
/// @param runtimes creates the runtimes on bundles' views
/// @param names the names that are taken
record AllocatorHost(CodeMemorySource memory, JitRuntimeFactory runtimes, AllocatorNames names) {
  /// The `service.description` of the services of an allocator.
  static final String SERVICE_DESCRIPTION = "Executable memory for generated code";

  /// The `service.vendor` of all services of this bundle.
  static final String SERVICE_VENDOR = "Example";
}
