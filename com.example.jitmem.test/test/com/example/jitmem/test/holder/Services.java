// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import org.osgi.framework.BundleContext;

/// The services of the component, got once and kept.
record Services(
    VirtMem virtMem,
    JitRuntime runtime,
    JitAllocatorFactory allocators,
    JitRuntimeFactory runtimes) {

  /// Gets the services.
  static Services of(BundleContext context) {
    return new Services(
        get(context, VirtMem.class),
        get(context, JitRuntime.class),
        get(context, JitAllocatorFactory.class),
        get(context, JitRuntimeFactory.class));
  }

  private static <T> T get(BundleContext context, Class<T> type) {
    return context.getService(context.getServiceReference(type));
  }
}
