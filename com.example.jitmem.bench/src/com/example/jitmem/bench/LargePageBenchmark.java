// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What calls all over 24 MiB of code cost, with normal pages and with large ones. Functions are
/// called in random order by a loop in machine code, so that nothing of the JVM is measured.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class LargePageBenchmark {
  private static final long CODE_BYTE_SIZE = 24L * 1024 * 1024;

  /// One long list of calls, so that the order cannot be learned.
  private static final int CALLS = 1 << 17;

  /// `int f(int)`: `lea eax, [rdi + 1]; ret`.
  private static final byte[] FUNCTION = {(byte) 0x8D, 0x47, 0x01, (byte) 0xC3};

  /// `int run(void **functions, long count)` in the calling convention of System V: calls each
  /// function with the result of the one before.
  private static final byte[] LOOP = {
    0x53, // push rbx
    0x41,
    0x54, // push r12
    0x48,
    (byte) 0x83,
    (byte) 0xEC,
    0x08, // sub rsp, 8
    0x48,
    (byte) 0x89,
    (byte) 0xFB, // mov rbx, rdi
    0x4C,
    (byte) 0x8D,
    0x24,
    (byte) 0xF7, // lea r12, [rdi + rsi * 8]
    0x31,
    (byte) 0xFF, // xor edi, edi
    (byte) 0xFF,
    0x13, // next: call [rbx]
    (byte) 0x89,
    (byte) 0xC7, // mov edi, eax
    0x48,
    (byte) 0x83,
    (byte) 0xC3,
    0x08, // add rbx, 8
    0x4C,
    0x39,
    (byte) 0xE3, // cmp rbx, r12
    0x75,
    (byte) 0xF3, // jne next
    0x48,
    (byte) 0x83,
    (byte) 0xC4,
    0x08, // add rsp, 8
    0x41,
    0x5C, // pop r12
    0x5B, // pop rbx
    (byte) 0xC3 // ret
  };

  private static final FunctionDescriptor LOOP_TYPE =
      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);

  @Param({"1000", "6000", "20000"})
  private int functions;

  @Param({"false", "true"})
  private boolean largePages;

  @Param({"true", "false"})
  private boolean dualMapping;

  private @Nullable Code code;

  /// The functions, evenly spread, the loop, and the list of calls.
  private static final class Code {
    private final OwnedJitAllocator allocator;
    private final MemorySegment calls = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, CALLS);
    private final MethodHandle loop;

    Code(JitAllocatorParameters parameters, int functions) {
      allocator =
          ServiceLoader.load(JitAllocatorFactory.class)
              .findFirst()
              .orElseThrow()
              .create(parameters);
      long[] entries = new long[functions];
      for (int i = 0; i < functions; i++) {
        entries[i] = place(FUNCTION, CODE_BYTE_SIZE / functions).rx().address();
      }
      Random random = new Random(1);
      for (int i = 0; i < CALLS; i++) {
        calls.setAtIndex(ValueLayout.JAVA_LONG, i, entries[random.nextInt(functions)]);
      }
      JitRuntime runtime =
          ServiceLoader.load(JitRuntimeFactory.class).findFirst().orElseThrow().create(allocator);
      loop = runtime.bind(place(LOOP, LOOP.length).rx(), LOOP_TYPE);
    }

    private Span place(byte[] code, long byteSize) {
      Span span = allocator.alloc(byteSize);
      allocator.write(span, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
      return span;
    }
  }

  /// Writes the code, and prints how much of it is in large pages.
  @Setup(Level.Trial)
  public void write() {
    Code written = new Code(parameters(), functions);
    Statistics statistics = written.allocator.statistics();
    System.out.println(
        "Large pages: "
            + statistics.largePageBytes() / 1024
            + " of "
            + statistics.reservedBytes() / 1024
            + " KiB");
    code = written;
  }

  private JitAllocatorParameters parameters() {
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults();
    if (largePages) {
      parameters =
          parameters.with(
              JitAllocatorOption.USE_LARGE_PAGES,
              JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE);
    }
    return dualMapping ? parameters : parameters.without(JitAllocatorOption.USE_DUAL_MAPPING);
  }

  /// Frees everything.
  @TearDown(Level.Trial)
  public void release() {
    Objects.requireNonNull(code).allocator.close();
  }

  /// Calls the functions.
  ///
  /// @return the number of calls, so that none is left out
  /// @throws Throwable never
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public int call() throws Throwable {
    Code called = Objects.requireNonNull(code);
    return (int) called.loop.invokeExact(called.calls, (long) CALLS);
  }
}
