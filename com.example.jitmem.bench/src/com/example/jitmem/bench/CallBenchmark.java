// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a call of `mov eax, 42; ret` through a constant handle costs at each level of safety.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallBenchmark {
  private static final OwnedJitAllocator ALLOCATOR =
      ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create();
  private static final JitRuntime RUNTIME =
      ServiceLoader.load(JitRuntimeFactory.class).findFirst().orElseThrow().create(ALLOCATOR);

  private static final MethodHandle PROTECTED =
      handle(FunctionOptions.defaults().withSafety(CallSafety.PROTECTED));
  private static final MethodHandle CHECKED =
      handle(FunctionOptions.defaults().withSafety(CallSafety.CHECKED));
  private static final MethodHandle UNCHECKED =
      handle(FunctionOptions.defaults().withSafety(CallSafety.UNCHECKED));
  private static final MethodHandle CRITICAL =
      handle(FunctionOptions.defaults().withSafety(CallSafety.UNCHECKED).withCritical(false));

  private static MethodHandle handle(FunctionOptions options) {
    byte[] code = {(byte) 0xB8, 42, 0, 0, 0, (byte) 0xC3};
    return RUNTIME
        .add(MemorySegment.ofArray(code), FunctionDescriptor.of(ValueLayout.JAVA_INT), options)
        .handle();
  }

  /// A call of a protected function.
  ///
  /// @return 42
  /// @throws Throwable never
  @Benchmark
  public int protectedCall() throws Throwable {
    return (int) PROTECTED.invokeExact();
  }

  /// A call of a checked function.
  ///
  /// @return 42
  /// @throws Throwable never
  @Benchmark
  public int checkedCall() throws Throwable {
    return (int) CHECKED.invokeExact();
  }

  /// A call of an unchecked function.
  ///
  /// @return 42
  /// @throws Throwable never
  @Benchmark
  public int uncheckedCall() throws Throwable {
    return (int) UNCHECKED.invokeExact();
  }

  /// A critical call of an address.
  ///
  /// @return 42
  /// @throws Throwable never
  @Benchmark
  public int criticalCall() throws Throwable {
    return (int) CRITICAL.invokeExact();
  }
}
