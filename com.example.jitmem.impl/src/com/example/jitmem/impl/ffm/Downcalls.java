// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Calls C functions of the libraries of the system.
///
/// Every call captures the error code in memory that no other thread uses, before the JVM or
/// another call can change it. After the first call of a function, or after [#prepare], a call
/// allocates nothing once the function has returned: it cannot fail half-way.
///
/// Thread-safe, for virtual threads too. A function is looked up when it is called first.
public final class Downcalls implements NativeCalls {
  /// The error code of POSIX systems, see [java.lang.foreign.Linker.Option#captureCallState].
  public static final String ERRNO = "errno";

  /// The error code of Windows, see [java.lang.foreign.Linker.Option#captureCallState].
  public static final String LAST_ERROR = "GetLastError";

  private final String errorName;
  private final CallStates states;
  private final Map<CFunction, MethodHandle> handles = new ConcurrentHashMap<>();

  /// Makes no call and looks nothing up.
  ///
  /// @param errorName which error code is captured: [#ERRNO], on Windows [#LAST_ERROR]
  /// @throws IllegalArgumentException if the system has no such error code
  public Downcalls(String errorName) {
    this(errorName, new CallStates(errorName));
  }

  Downcalls(String errorName, CallStates states) {
    this.errorName = errorName;
    this.states = states;
  }

  /// Looks up functions that may be called when the process is short of memory.
  ///
  /// @param functions functions that every system has which this process can run on
  /// @throws VirtMemException if there is no such function or library, or if the JVM denies native
  ///     access
  public void prepare(CFunction... functions) {
    for (CFunction function : functions) {
      handle(function);
    }
  }

  @Override
  public Result call(CFunction function, long... arguments) {
    MethodHandle handle = handle(function);
    Result result = new Result(0, 0);
    try {
      states.capture(result, captured -> (long) handle.invokeExact(captured, arguments));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A downcall of " + function.name() + " threw", e);
    }
    return result;
  }

  private MethodHandle handle(CFunction function) {
    MethodHandle known = handles.get(function);
    if (known != null) {
      return known;
    }
    MethodHandle made = NativeAccess.restricted(() -> link(function));
    MethodHandle first = handles.putIfAbsent(function, made);
    return first == null ? made : first;
  }

  /// Links a function as `(MemorySegment captured, long[] arguments) -> long`.
  @SuppressWarnings("restricted")
  private MethodHandle link(CFunction function) {
    Linker linker = Linker.nativeLinker();
    Linker.Option capture = Linker.Option.captureCallState(errorName);
    Linker.Option[] options =
        function.firstVariadic().isPresent()
            ? new Linker.Option[] {
              capture, Linker.Option.firstVariadicArg(function.firstVariadic().getAsInt())
            }
            : new Linker.Option[] {capture};
    MethodHandle exact =
        linker.downcallHandle(symbol(linker, function), function.descriptor(), options);
    int count = function.parameters().size();
    MethodType uniform =
        MethodType.genericMethodType(count)
            .changeReturnType(long.class)
            .insertParameterTypes(0, MemorySegment.class);
    for (int i = 1; i <= count; i++) {
      uniform = uniform.changeParameterType(i, long.class);
    }
    return MethodHandles.explicitCastArguments(exact, uniform).asSpreader(long[].class, count);
  }

  private static MemorySegment symbol(Linker linker, CFunction function) {
    SymbolLookup library =
        function.library().map(Downcalls::library).orElseGet(linker::defaultLookup);
    return library
        .find(function.name())
        .orElseThrow(
            () ->
                new VirtMemException(
                    VirtMemException.Reason.NOT_SUPPORTED,
                    function.library().orElse("The C library of this process")
                        + " has no function "
                        + function.name()));
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup library(String name) {
    try {
      return SymbolLookup.libraryLookup(name, Arena.global());
    } catch (IllegalArgumentException e) {
      VirtMemException missing =
          new VirtMemException(
              VirtMemException.Reason.NOT_SUPPORTED,
              "The system has no library " + name + ": install it");
      missing.initCause(e);
      throw missing;
    }
  }
}
