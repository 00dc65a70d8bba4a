// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.ViewDelegate;
import com.example.jitmem.impl.runtime.DefaultJitRuntime;
import com.example.jitmem.impl.runtime.FunctionSpans;
import java.util.Objects;

/// The factory of runtimes, for [java.util.ServiceLoader] and for the components.
public final class DefaultJitRuntimeFactory implements JitRuntimeFactory {
  /// A factory without state.
  public DefaultJitRuntimeFactory() {}

  /// @throws IllegalArgumentException if the allocator is not one of this component
  @Override
  public JitRuntime create(JitAllocator allocator) {
    return new DefaultJitRuntime(allocator, new ViewSpans(viewOf(allocator)));
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

  private record ViewSpans(AllocatorView view) implements FunctionSpans {
    @Override
    public void discard(Span span) {
      view.discard(span);
    }

    @Override
    public Span withoutClose(Span span) {
      return view.withoutClose(span);
    }
  }
}
