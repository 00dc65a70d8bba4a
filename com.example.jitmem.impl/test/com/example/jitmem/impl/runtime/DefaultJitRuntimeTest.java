// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.LONG_CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.SUM_OF_INTS_TYPE;
import static com.example.jitmem.testing.MachineCode.SUM_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnLinux
class DefaultJitRuntimeTest {
  private static final FunctionOptions DEFAULTS = FunctionOptions.defaults();

  private final OwnedJitAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  @AfterEach
  void closeAllocator() {
    assertThat(allocator.statistics().spanCount()).isZero();
    allocator.close();
  }

  @Test
  void bytesRun() throws Throwable {
    try (JitFunction function = runtime.add(MachineCode.sum(), SUM_TYPE)) {
      assertThat((int) function.handle().invokeExact(40, 2)).isEqualTo(42);
    }
  }

  @Test
  void codeMayLieOnTheHeapOrOff() throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offHeap = arena.allocateFrom(JAVA_BYTE, constant(1));
      MemorySegment onHeap = MemorySegment.ofArray(constant(2)).asReadOnly();
      try (JitFunction one = runtime.add(offHeap, CONSTANT_TYPE, DEFAULTS);
          JitFunction two = runtime.add(onHeap, CONSTANT_TYPE, DEFAULTS)) {
        assertThat((int) one.handle().invokeExact()).isEqualTo(1);
        assertThat((int) two.handle().invokeExact()).isEqualTo(2);
      }
    }
  }

  @Test
  void theSameCodeCanBeAddedTwice() throws Throwable {
    byte[] code = constant(42);
    JitFunction first = runtime.add(code, CONSTANT_TYPE);
    try (JitFunction second = runtime.add(code, CONSTANT_TYPE)) {
      first.close();

      assertThat(first.span().isLive()).isFalse();
      assertThat((int) second.handle().invokeExact()).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void anEmitterIsToldTheAddressItsCodeRunsAt(CallSafety safety) throws Throwable {
    List<Long> told = new ArrayList<>();
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          told.add(rx.address());
          out.copyFrom(MemorySegment.ofArray(MachineCode.ownAddress()));
          return MachineCode.ownAddress().length;
        };
    try (JitFunction function =
        runtime.add(64, emitter, LONG_CONSTANT_TYPE, DEFAULTS.withSafety(safety))) {
      long ran = (long) function.handle().invokeExact();

      assertThat(told).containsExactly(ran);
      assertThat(function.span().rx().address()).isEqualTo(ran);
    }
  }

  @Test
  void anEmitterCanWriteItsAddressIntoItsCode() throws Throwable {
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          byte[] code = MachineCode.longConstant(rx.address());
          out.asSlice(0, code.length).copyFrom(MemorySegment.ofArray(code));
          return code.length;
        };
    try (JitFunction function = runtime.add(16, emitter, LONG_CONSTANT_TYPE, DEFAULTS)) {
      assertThat((long) function.handle().invokeExact()).isEqualTo(function.span().rx().address());
    }
  }

  @Test
  void whatAnEmitterDoesNotUseIsGivenBack() throws Throwable {
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          MemorySegment code = MemorySegment.ofArray(constant(9));
          out.asSlice(0, code.byteSize()).copyFrom(code);
          return code.byteSize();
        };
    try (JitFunction function = runtime.add(100_000, emitter, CONSTANT_TYPE, DEFAULTS)) {
      assertThat((int) function.handle().invokeExact()).isEqualTo(9);
      assertThat(function.span().byteSize()).isEqualTo(64);
      assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
    }
  }

  @Test
  void anEmitterGetsExactlyTheSizeItAskedForAndNoWritableExecutableView() {
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          assertThat(out.byteSize()).isEqualTo(10);
          assertThat(rx.byteSize()).isEqualTo(10);
          assertThat(rx.isReadOnly()).isTrue();
          return 10;
        };
    try (JitFunction function = runtime.add(10, emitter, CONSTANT_TYPE, DEFAULTS)) {
      assertThat(function.span().byteSize()).isEqualTo(64);
    }
  }

  @Test
  void theWritableViewEndsWithTheEmitter() {
    List<MemorySegment> leaked = new ArrayList<>();
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          leaked.add(out);
          return 1;
        };
    try (JitFunction function = runtime.add(64, emitter, CONSTANT_TYPE, DEFAULTS)) {
      assertThat(function.span().isLive()).isTrue();
      assertThatThrownBy(() -> leaked.getFirst().set(JAVA_BYTE, 0, (byte) 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void criticalFunctionsReadArraysOnTheHeap(CallSafety safety) throws Throwable {
    FunctionOptions options = DEFAULTS.withCritical(true).withSafety(safety);
    MemorySegment code = MemorySegment.ofArray(MachineCode.sumOfInts());
    try (JitFunction sum = runtime.add(code, SUM_OF_INTS_TYPE, options)) {
      MemorySegment numbers = MemorySegment.ofArray(new int[] {1, -2, 3, 1_000_000_000, 2_000});

      assertThat((long) sum.handle().invokeExact(numbers, 5L)).isEqualTo(1_000_002_002L);
      assertThat((long) sum.handle().invokeExact(numbers, 0L)).isZero();
    }
  }

  @Test
  void functionsWithoutHeapAccessRefuseArrays() throws Throwable {
    MemorySegment code = MemorySegment.ofArray(MachineCode.sumOfInts());
    MemorySegment numbers = MemorySegment.ofArray(new int[] {1});
    for (FunctionOptions options : List.of(DEFAULTS, DEFAULTS.withCritical(false))) {
      try (JitFunction sum = runtime.add(code, SUM_OF_INTS_TYPE, options);
          Arena arena = Arena.ofConfined()) {
        MethodHandle handle = sum.handle();
        MemorySegment offHeap = arena.allocateFrom(JAVA_INT, 4, 5);

        assertThat((long) handle.invokeExact(offHeap, 2L)).isEqualTo(9);
        assertThatThrownBy(() -> handle.invoke(numbers, 1L))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void aFunctionTellsWhatItWasAddedWith(CallSafety safety) {
    FunctionOptions options =
        DEFAULTS.withSafety(safety).withName("answer").withByteAlignment(4096);
    MemorySegment code = MemorySegment.ofArray(constant(42));
    try (JitFunction function = runtime.add(code, CONSTANT_TYPE, options)) {
      assertThat(function.type()).isEqualTo(CONSTANT_TYPE);
      assertThat(function.handle()).isSameAs(function.handle());
      assertThat(function.handle().type()).isEqualTo(MethodType.methodType(int.class));
      assertThat(function.span().name()).contains("answer");
      assertThat(function.span().rx().address() % 4096).isZero();
      assertThat(function.span().rx().isReadOnly()).isTrue();
      assertThat(function.span().byteSize()).isEqualTo(64);
      assertThat(function.toString()).contains("answer");
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void theSpanOfAFunctionCannotBeClosedByItself(CallSafety safety) throws Throwable {
    MemorySegment code = MemorySegment.ofArray(constant(42));
    try (JitFunction function = runtime.add(code, CONSTANT_TYPE, DEFAULTS.withSafety(safety))) {
      assertThatThrownBy(function.span()::close).isInstanceOf(UnsupportedOperationException.class);

      assertThat(function.span().isLive()).isTrue();
      assertThat((int) function.handle().invokeExact()).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void theCodeOfAFunctionCanBePatched(CallSafety safety) throws Throwable {
    MemorySegment code = MemorySegment.ofArray(constant(42));
    try (JitFunction function = runtime.add(code, CONSTANT_TYPE, DEFAULTS.withSafety(safety))) {
      Span found = allocator.query(function.span().rx()).orElseThrow();
      assertThat(function.span()).isEqualTo(found).hasSameHashCodeAs(found);

      int first = Arrays.mismatch(constant(42), constant(7));
      MemorySegment seven = MemorySegment.ofArray(constant(7)).asSlice(first);
      allocator.write(function.span(), first, seven, CachePolicy.DEFAULT);

      assertThat((int) function.handle().invokeExact()).isEqualTo(7);
    }
  }

  @Test
  void aSecondEntryPointOfASpanCanBeBound() throws Throwable {
    byte[] two = Arrays.copyOf(constant(1), 16 + constant(2).length);
    System.arraycopy(constant(2), 0, two, 16, constant(2).length);
    JitFunction first = runtime.add(two, CONSTANT_TYPE);
    MethodHandle second = runtime.bind(first.span().rx().asSlice(16), CONSTANT_TYPE);

    assertThat((int) first.handle().invokeExact()).isEqualTo(1);
    assertThat((int) second.invokeExact()).isEqualTo(2);
    assertThat(second.type()).isEqualTo(MethodType.methodType(int.class));

    first.close();
    assertThatThrownBy(second::invoke).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void aThousandFunctionsLeaveNothingBehind(CallSafety safety) throws Throwable {
    List<JitFunction> functions = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      MemorySegment code = MemorySegment.ofArray(constant(i));
      functions.add(runtime.add(code, CONSTANT_TYPE, DEFAULTS.withSafety(safety)));
    }
    assertThat(allocator.statistics().spanCount()).isEqualTo(1_000);
    for (int i = 0; i < 1_000; i++) {
      assertThat((int) functions.get(i).handle().invokeExact()).isEqualTo(i);
    }
    functions.forEach(JitFunction::close);

    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
  }

  @Test
  void theRuntimeTellsItsAllocatorAndArchitecture() {
    assertThat(runtime.allocator()).isSameAs(allocator);
    assertThat(runtime.architecture())
        .isEqualTo(
            System.getProperty("os.arch").equals("aarch64")
                ? Architecture.AARCH64
                : Architecture.X86_64);
  }
}
