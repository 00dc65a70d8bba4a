// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;

/// The factory of runtimes, for [java.util.ServiceLoader] and for the components.
public final class DefaultJitRuntimeFactory implements JitRuntimeFactory {
  /// A factory. All are alike.
  public DefaultJitRuntimeFactory() {}

  @Override
  public JitRuntime create(JitAllocator allocator) {
    return new DefaultJitRuntime(allocator);
  }
}
