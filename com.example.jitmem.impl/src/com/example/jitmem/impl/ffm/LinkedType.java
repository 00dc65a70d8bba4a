// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// The handles that all functions of one type share, made when they are asked for first. Making one
/// takes microseconds and more; binding its first argument for a function takes nanoseconds, and
/// the JIT compiler inlines through it.
///
/// Thread-safe.
public final class LinkedType {
  private final MethodHandle unbound;
  private final Map<Class<?>, MethodHandle> adapted = new ConcurrentHashMap<>(2);

  LinkedType(MethodHandle unbound) {
    this.unbound = unbound;
  }

  /// The handle that calls a function at an address.
  ///
  /// @return a handle whose first parameter is the address of the function as a
  ///     [java.lang.foreign.MemorySegment], and whose other parameters and result are those of the
  ///     type
  public MethodHandle unbound() {
    return unbound;
  }

  /// The handle that calls a function by something else than its address.
  ///
  /// @param first the type of the first parameter in place of the address
  /// @param adapter makes the handle of [#unbound()], once unless threads collide
  /// @return the same handle in every call with the same first parameter
  public MethodHandle adapted(Class<?> first, UnaryOperator<MethodHandle> adapter) {
    MethodHandle known = adapted.get(first);
    if (known != null) {
      return known;
    }
    MethodHandle made = adapter.apply(unbound);
    MethodHandle earlier = adapted.putIfAbsent(first, made);
    return earlier == null ? made : earlier;
  }
}
