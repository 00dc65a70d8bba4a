// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.testing.OnLinux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever goes wrong after memory was allocated, nothing of it is left, at once.
@OnLinux
class RuntimeRollbackTest {
  private static final Arena CALLERS = Arena.ofShared();

  private final OwnedAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  static Stream<Named<FunctionOptions>> options() {
    FunctionOptions defaults = FunctionOptions.defaults();
    return Stream.of(
        Named.of("protected", defaults),
        Named.of("checked", defaults.withSafety(CallSafety.CHECKED)),
        Named.of("unchecked", defaults.withSafety(CallSafety.UNCHECKED)),
        Named.of("caller's arena", defaults.withArena(CALLERS)),
        Named.of("global arena", defaults.withArena(Arena.global())));
  }

  @AfterEach
  void assertThatNothingIsLeft() {
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @MethodSource("options")
  void anEmitterThatThrowsAddsNothing(FunctionOptions options) {
    IOException failure = new IOException("out of registers");
    CodeEmitter<IOException> emitter =
        (rx, out) -> {
          out.fill((byte) 0xCC);
          throw failure;
        };
    assertThatThrownBy(() -> runtime.add(1_000, emitter, CONSTANT_TYPE, options)).isSameAs(failure);
    assertThat(failure).hasNoSuppressedExceptions();
  }

  @ParameterizedTest
  @MethodSource("options")
  void anEmitterThatFailsWithAnErrorAddsNothing(FunctionOptions options) {
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          throw new StackOverflowError("deep formula");
        };
    assertThatThrownBy(() -> runtime.add(1_000, emitter, CONSTANT_TYPE, options))
        .isInstanceOf(StackOverflowError.class);
  }

  @ParameterizedTest
  @MethodSource("options")
  void anEmitterThatReturnsAnImpossibleSizeAddsNothing(FunctionOptions options) {
    for (long size : new long[] {Long.MIN_VALUE, -1, 0, 1_001, 1_024, 1L << 32, Long.MAX_VALUE}) {
      CodeEmitter<RuntimeException> emitter = (rx, out) -> size;

      assertThatThrownBy(() -> runtime.add(1_000, emitter, CONSTANT_TYPE, options))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1000")
          .hasMessageContaining(Long.toString(size));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void anEmitterThatWritesOutsideItsSizeAddsNothing(FunctionOptions options) {
    CodeEmitter<RuntimeException> emitter =
        (rx, out) -> {
          out.asSlice(0, 11).fill((byte) 0xC3);
          return 11;
        };
    assertThatThrownBy(() -> runtime.add(10, emitter, CONSTANT_TYPE, options))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @MethodSource("options")
  void aRefusalOfTheSystemToLetCodeBeWrittenAddsNothing(FunctionOptions options) {
    VirtMemException refusal =
        new VirtMemException(VirtMemException.Reason.DENIED_BY_POLICY, "refused by the test");
    JitAllocator failing = Allocators.failing(allocator, "write", refusal);
    JitRuntime onFailing = new DefaultJitRuntimeFactory().create(failing);
    MemorySegment code = MemorySegment.ofArray(constant(42));

    assertThatThrownBy(() -> onFailing.add(code, CONSTANT_TYPE, options)).isSameAs(refusal);
    assertThatThrownBy(() -> onFailing.add(64, (rx, out) -> 1, CONSTANT_TYPE, options))
        .isSameAs(refusal);
  }
}
