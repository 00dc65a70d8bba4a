// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The entry of a protected function: calls pass its gate. A record, because the JIT compiler
/// treats fields of records as constants behind a constant handle.
///
/// @param gate counts the calls
/// @param code where to enter it
/// @param function what must stay reachable as long as the function can be called
record FunctionEntry(Gate gate, MemorySegment code, Object function) {
  private static final MethodHandle ENTER = find("enter", int.class);
  private static final MethodHandle CODE = find("code", MemorySegment.class);
  /// `(entry, cell)`, as `(cell, entry)`.
  private static final MethodHandle LEAVE =
      MethodHandles.permuteArguments(
          find("leave", void.class, int.class),
          MethodType.methodType(void.class, int.class, FunctionEntry.class),
          1,
          0);

  /// Puts the gate around a handle: `(segment, arguments…)` becomes `(entry, arguments…)`.
  static MethodHandle gated(MethodHandle unbound) {
    MethodHandle target = MethodHandles.filterArguments(unbound, 0, CODE);
    MethodHandle body = MethodHandles.dropArguments(target, 0, int.class);
    MethodHandle guarded = MethodHandles.tryFinally(body, cleanup(target.type().returnType()));
    // The gate is entered before the block that leaves it begins
    return MethodHandles.foldArguments(guarded, ENTER);
  }

  /// `(failure, result, cell, entry) -> result`, without the result where there is none.
  private static MethodHandle cleanup(Class<?> result) {
    MethodHandle leave = MethodHandles.dropArguments(LEAVE, 0, Throwable.class);
    if (result == void.class) {
      return leave;
    }
    MethodHandle returned =
        MethodHandles.dropArguments(
            MethodHandles.dropArguments(MethodHandles.identity(result), 0, Throwable.class),
            2,
            int.class,
            FunctionEntry.class);
    return MethodHandles.foldArguments(returned, MethodHandles.dropArguments(leave, 1, result));
  }

  int enter() {
    return gate.enter();
  }

  void leave(int cell) {
    gate.leave(cell);
  }

  private static MethodHandle find(String name, Class<?> result, Class<?>... parameters) {
    try {
      return MethodHandles.lookup()
          .findVirtual(FunctionEntry.class, name, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("FunctionEntry." + name, e);
    }
  }
}
