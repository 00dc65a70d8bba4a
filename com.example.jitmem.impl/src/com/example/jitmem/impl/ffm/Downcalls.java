// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Calls functions of the C library of this process.
///
/// Every call captures the error code in memory of its own, so that neither another thread nor the
/// JVM can change it before it is read.
///
/// Thread-safe. A function is looked up when it is called first.
public final class Downcalls implements NativeCalls {
  /// The error code of POSIX systems, see [java.lang.foreign.Linker.Option#captureCallState].
  public static final String ERRNO = "errno";

  private final String errorName;
  private final Map<CFunction, MethodHandle> handles = new ConcurrentHashMap<>();

  /// Makes no call and looks nothing up.
  ///
  /// @param errorName which error code is captured: [#ERRNO], on Windows `GetLastError`
  public Downcalls(String errorName) {
    this.errorName = errorName;
  }

  @Override
  public Result call(CFunction function, long... arguments) {
    MethodHandle handle = handle(function);
    MemoryLayout layout = Linker.Option.captureStateLayout();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment captured = arena.allocate(layout);
      long value = (long) handle.invokeExact(captured, arguments);
      return new Result(value, captured.get(ValueLayout.JAVA_INT, errorOffset(layout)));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A downcall of " + function.name() + " threw", e);
    }
  }

  private long errorOffset(MemoryLayout layout) {
    return layout.byteOffset(MemoryLayout.PathElement.groupElement(errorName));
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
    SymbolLookup library = linker.defaultLookup();
    MemorySegment symbol =
        library
            .find(function.name())
            .orElseThrow(
                () ->
                    new VirtMemException(
                        VirtMemException.Reason.NOT_SUPPORTED,
                        "The C library of this process has no function " + function.name()));
    Linker.Option capture = Linker.Option.captureCallState(errorName);
    Linker.Option[] options =
        function.firstVariadic().isPresent()
            ? new Linker.Option[] {
              capture, Linker.Option.firstVariadicArg(function.firstVariadic().getAsInt())
            }
            : new Linker.Option[] {capture};
    MethodHandle exact = linker.downcallHandle(symbol, function.descriptor(), options);
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
}
