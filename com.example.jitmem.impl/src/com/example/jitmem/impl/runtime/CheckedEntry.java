// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The entry of a checked function: calls get it while the span lives. A record, because the JIT
/// compiler treats fields of records as constants behind a constant handle.
///
/// @param span the memory; any of its owners may end it
/// @param code where to enter it
record CheckedEntry(Span span, MemorySegment code) {
  private static final MethodHandle ENTER;

  static {
    try {
      ENTER =
          MethodHandles.lookup()
              .findVirtual(CheckedEntry.class, "enter", MethodType.methodType(MemorySegment.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("CheckedEntry.enter", e);
    }
  }

  /// Puts the check before a handle: `(segment, arguments…)` becomes `(entry, arguments…)`.
  static MethodHandle checked(MethodHandle unbound) {
    return MethodHandles.filterArguments(unbound, 0, ENTER);
  }

  MemorySegment enter() {
    if (!span.isLive()) {
      throw new IllegalStateException("The function has ended");
    }
    return code;
  }
}
