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
  private final Span visibleSpan;
  private final Span ownSpan;
  private final Lifetime lifetime;

  /// @param visibleSpan the memory as users see it: they cannot close it
  /// @param ownSpan the same memory, to be closed with the function
  DefaultJitFunction(
      MethodHandle handle,
      FunctionDescriptor type,
      Span visibleSpan,
      Span ownSpan,
      Lifetime lifetime) {
    this.handle = handle;
    this.type = type;
    this.visibleSpan = visibleSpan;
    this.ownSpan = ownSpan;
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
    return visibleSpan;
  }

  @Override
  public void close() {
    lifetime.end(ownSpan);
  }

  @Override
  public String toString() {
    return "JitFunction[" + visibleSpan.name().map(name -> name + ", ").orElse("") + type + "]";
  }
}
