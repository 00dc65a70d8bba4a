// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/// A function and what ends it.
final class DefaultJitFunction implements JitFunction {
  private final MethodHandle handle;
  private final FunctionDescriptor type;
  private final Span span;
  private final Lifetime lifetime;

  /// @param span the memory as the allocator gave it
  DefaultJitFunction(MethodHandle handle, FunctionDescriptor type, Span span, Lifetime lifetime) {
    this.handle = handle;
    this.type = type;
    this.span = span;
    this.lifetime = lifetime;
  }

  @Override
  public MethodHandle handle() {
    return handle;
  }

  @Override
  public FunctionDescriptor type() {
    return type;
  }

  @Override
  public Span span() {
    return lifetime.visible(span);
  }

  @Override
  public void close() {
    lifetime.end(span);
  }

  @Override
  public String toString() {
    return "JitFunction[" + span.name().map(name -> name + ", ").orElse("") + type + "]";
  }
}
