// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.ViewDelegate;
import com.example.jitmem.impl.runtime.DefaultJitRuntime;
import java.util.Objects;

/// The factory of runtimes, for [java.util.ServiceLoader] and for the components.
public final class DefaultJitRuntimeFactory implements JitRuntimeFactory {
  /// A factory without state.
  public DefaultJitRuntimeFactory() {}

  /// @throws IllegalArgumentException if the allocator is not one of this component
  @Override
  public JitRuntime create(JitAllocator allocator) {
    return new DefaultJitRuntime(allocator, viewOf(allocator));
  }

  private static AllocatorView viewOf(JitAllocator allocator) {
    return switch (Objects.requireNonNull(allocator)) {
      case AllocatorView view -> view;
      case ViewDelegate delegate -> delegate.view();
      default ->
          throw new IllegalArgumentException(
              "Not an allocator of this implementation: " + allocator.getClass().getName());
    };
  }
}
