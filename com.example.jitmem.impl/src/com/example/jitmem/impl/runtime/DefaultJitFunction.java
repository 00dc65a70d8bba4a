// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.impl.ffm.LinkedType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What all functions have in common. The handle, and the span as users see it, are made when they
/// are asked for.
abstract class DefaultJitFunction implements JitFunction {
  private static final VarHandle HANDLE;
  private static final VarHandle VISIBLE_SPAN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HANDLE = lookup.findVarHandle(DefaultJitFunction.class, "handle", MethodHandle.class);
      VISIBLE_SPAN = lookup.findVarHandle(DefaultJitFunction.class, "visibleSpan", Span.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final FunctionDescriptor type;
  final LinkedType linked;
  private volatile @Nullable MethodHandle handle;
  private volatile @Nullable Span visibleSpan;

  DefaultJitFunction(FunctionDescriptor type, LinkedType linked) {
    this.type = type;
    this.linked = linked;
  }

  /// What the function is called by.
  ///
  /// @param shared the handle that all functions of the type and kind share
  /// @param first its first argument, which tells the function
  record Binding(MethodHandle shared, Object first) {}

  abstract Binding binding();

  /// Makes a handle of the span for users, who cannot close it.
  abstract Span makeVisibleSpan();

  @Override
  public final MethodHandle handle() {
    MethodHandle known = handle;
    if (known != null) {
      return known;
    }
    Binding binding = binding();
    MethodHandle made = binding.shared().bindTo(binding.first());
    MethodHandle first = (MethodHandle) HANDLE.compareAndExchange(this, null, made);
    return first == null ? made : first;
  }

  @Override
  public final <T> T as(Class<T> functionalInterface) {
    return FunctionInterfaces.proxy(functionalInterface, handle());
  }

  @Override
  public final <T> T as(MethodHandles.Lookup lookup, Class<T> functionalInterface) {
    Objects.requireNonNull(lookup);
    Binding binding = binding();
    return FunctionInterfaces.instance(
        lookup, functionalInterface, binding.shared(), binding.first());
  }

  @Override
  public final FunctionDescriptor type() {
    return type;
  }

  @Override
  public final Span span() {
    Span known = visibleSpan;
    if (known != null) {
      return known;
    }
    Span made = makeVisibleSpan();
    Span first = (Span) VISIBLE_SPAN.compareAndExchange(this, null, made);
    return first == null ? made : first;
  }

  /// The name that the function was given.
  abstract @Nullable String name();

  @Override
  public final String toString() {
    String name = name();
    return "JitFunction[" + (name == null ? "" : name + ", ") + type + "]";
  }
}
