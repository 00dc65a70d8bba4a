// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Machine code really runs, dual-mapped and direct.
@OnLinux
class ExecutionIT {
  private static final JitAllocatorParameters DUAL = Services.parameters(USE_DUAL_MAPPING);
  private static final JitAllocatorParameters DIRECT =
      JitAllocatorParameters.defaults().withDirect(true);

  /// What is done with one allocator.
  @FunctionalInterface
  private interface AllocatorTest {
    void run(OwnedJitAllocator allocator) throws Throwable;
  }

  @TestFactory
  Stream<DynamicTest> codeRuns() {
    return dualMappedAndDirect(
        allocator -> {
          JitRuntime runtime = Services.runtime(allocator);
          assertThat(runtime.architecture()).isEqualTo(MachineCode.ARCHITECTURE);
          assertThat(runtime.allocator()).isSameAs(allocator);
          try (JitFunction sum = runtime.add(MachineCode.sum(), MachineCode.SUM_TYPE)) {
            assertThat((int) sum.handle().invokeExact(40, 2)).isEqualTo(42);
            assertThat(sum.handle()).isSameAs(sum.handle());
            assertThat(sum.type()).isEqualTo(MachineCode.SUM_TYPE);
            assertThat(sum.span().byteSize()).isEqualTo(64);
          }
          assertThat(allocator.statistics().spanCount()).isZero();
        });
  }

  @TestFactory
  Stream<DynamicTest> codeChangesWhileItIsLive() {
    return dualMappedAndDirect(
        allocator -> {
          Span span = allocator.alloc(64);
          MachineCode.writeConstant(allocator, span, 0);
          MethodHandle function =
              Services.runtime(allocator).bind(span.rx(), MachineCode.CONSTANT_TYPE);
          for (int value = 0; value < 1000; value++) {
            allocator.write(
                span,
                MachineCode.CONSTANT_OFFSET,
                MemorySegment.ofArray(new int[] {value}),
                CachePolicy.DEFAULT);
            assertThat(MachineCode.call(function)).isEqualTo(value);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> oneThreadChangesCodeThatAnotherOneRuns() {
    return dualMappedAndDirect(
        allocator -> {
          Span span = allocator.alloc(64);
          MachineCode.writeConstant(allocator, span, 0);
          MethodHandle function =
              Services.runtime(allocator).bind(span.rx(), MachineCode.CONSTANT_TYPE);
          try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Integer> last = executor.submit(() -> callUntil(100, function));
            for (int value = 1; value <= 100; value++) {
              int constant = value;
              allocator.write(
                  span,
                  target -> {
                    target.set(JAVA_INT, MachineCode.CONSTANT_OFFSET, constant);
                    return target.byteSize();
                  },
                  CachePolicy.DEFAULT);
            }
            assertThat(last.get()).isEqualTo(100);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> threadsPlaceAndRunTheirOwnCode() {
    return dualMappedAndDirect(
        allocator -> {
          JitRuntime runtime = Services.runtime(allocator);
          try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            List<Future<?>> threads = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
              int first = thread * 1_000_000;
              threads.add(executor.submit(() -> placeAndRun(runtime, first)));
            }
            for (Future<?> thread : threads) {
              thread.get();
            }
          }
          assertThat(allocator.statistics().spanCount()).isZero();
        });
  }

  @TestFactory
  Stream<DynamicTest> emitterIsToldWhereItsCodeRuns() {
    return dualMappedAndDirect(
        allocator -> {
          JitRuntime runtime = Services.runtime(allocator);
          try (JitFunction function =
              runtime.add(
                  1000,
                  ExecutionIT::emitOwnAddress,
                  FunctionDescriptor.of(JAVA_LONG),
                  FunctionOptions.defaults().withName("self"))) {
            long returned = (long) function.handle().invokeExact();
            assertThat(returned).isEqualTo(function.span().rx().address());
            assertThat(function.span().byteSize()).isEqualTo(64);
            assertThat(function.span().name()).contains("self");
            assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> functionsEndWithTheirGroup() {
    return dualMappedAndDirect(
        allocator -> {
          JitRuntime runtime = Services.runtime(allocator);
          MethodHandle handle;
          try (CodeGroup group = allocator.openGroup()) {
            JitFunction function =
                runtime.add(
                    MemorySegment.ofArray(MachineCode.constant(5)),
                    MachineCode.CONSTANT_TYPE,
                    FunctionOptions.defaults().withArena(group.arena()));
            handle = function.handle();
            assertThat(MachineCode.call(handle)).isEqualTo(5);
            assertThat(allocator.statistics().spanCount()).isEqualTo(1);
          }
          assertThat(allocator.statistics().spanCount()).isZero();
          assertThatIllegalStateException().isThrownBy(() -> MachineCode.call(handle));
        });
  }

  @TestFactory
  Stream<DynamicTest> manyWritesOfOneScopeRunAfterIt() {
    return dualMappedAndDirect(
        allocator -> {
          List<Span> spans = IntStream.range(0, 500).mapToObj(_ -> allocator.alloc(64)).toList();
          try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
            for (int i = 0; i < spans.size(); i++) {
              byte[] code = MachineCode.constant(i);
              scope.write(spans.get(i), 0, MemorySegment.ofArray(code));
            }
            scope.flush();
            assertThat(MachineCode.run(allocator, spans.get(499))).isEqualTo(499);
            scope.write(
                spans.get(499),
                MachineCode.constant(-1),
                (target, code) -> {
                  MemorySegment.copy(code, 0, target, JAVA_BYTE, 0, code.length);
                  return code.length;
                });
          }
          for (int i = 0; i < 499; i++) {
            assertThat(MachineCode.run(allocator, spans.get(i))).isEqualTo(i);
          }
          assertThat(MachineCode.run(allocator, spans.get(499))).isEqualTo(-1);
        });
  }

  @TestFactory
  Stream<DynamicTest> everyCombinationOfOptionsWorks() {
    JitAllocatorOption[] options = JitAllocatorOption.values();
    return IntStream.range(0, 1 << options.length)
        .mapToObj(bits -> combination(options, bits))
        .map(
            parameters ->
                DynamicTest.dynamicTest(parameters.toString(), () -> useOnce(parameters)));
  }

  private static JitAllocatorParameters combination(JitAllocatorOption[] options, int bits) {
    JitAllocatorParameters parameters = Services.parameters();
    for (int index = 0; index < options.length; index++) {
      if ((bits & 1 << index) != 0) {
        parameters =
            options[index] == JitAllocatorOption.CUSTOM_FILL_PATTERN
                ? parameters.withFillPattern(0x01020304)
                : parameters.with(options[index]);
      }
    }
    return parameters;
  }

  private static void useOnce(JitAllocatorParameters parameters) {
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create(parameters)) {
      for (long byteSize : new long[] {9, 128, 256, 100_000}) {
        Span span = allocator.alloc(byteSize);
        MachineCode.writeConstant(allocator, span, (int) byteSize);
        assertThat(MachineCode.run(allocator, span)).isEqualTo((int) byteSize);
        if (!parameters.hasOption(JitAllocatorOption.DISABLE_INITIAL_PADDING)) {
          ProcessMaps.read().checkAccess(span.rx().address() - 16, 16, "r");
        }
        span.close();
      }
      assertThat(allocator.statistics().usedBytes()).isZero();
      assertThat(allocator.statistics().spanCount()).isZero();
    }
  }

  private static int callUntil(int wanted, MethodHandle function) {
    int last = 0;
    while (last != wanted) {
      int value = MachineCode.call(function);
      assertThat(value).isBetween(last, wanted);
      last = value;
    }
    return last;
  }

  private static void placeAndRun(JitRuntime runtime, int first) {
    List<JitFunction> functions = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      functions.add(runtime.add(MachineCode.constant(first + i), MachineCode.CONSTANT_TYPE));
    }
    for (int i = 0; i < 300; i++) {
      assertThat(MachineCode.call(functions.get(i).handle())).isEqualTo(first + i);
    }
    functions.forEach(JitFunction::close);
  }

  private static long emitOwnAddress(MemorySegment rx, MemorySegment out) {
    byte[] code = MachineCode.longConstant(rx.address());
    out.asSlice(0, code.length).copyFrom(MemorySegment.ofArray(code));
    return code.length;
  }

  private static Stream<DynamicTest> dualMappedAndDirect(AllocatorTest test) {
    return Stream.of(DUAL, DIRECT)
        .map(
            parameters ->
                DynamicTest.dynamicTest(
                    parameters.isDirect() ? "direct" : "dual-mapped",
                    () -> {
                      try (OwnedJitAllocator allocator =
                          Services.allocatorFactory().create(parameters)) {
                        test.run(allocator);
                      }
                    }));
  }
}
