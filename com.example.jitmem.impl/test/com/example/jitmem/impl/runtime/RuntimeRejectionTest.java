// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.testing.Figures;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.OtherThread;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.ByteOrder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Wrong arguments throw what the API says and leave the allocator as it was.
@OnLinux
class RuntimeRejectionTest {
  private static final FunctionOptions DEFAULTS = FunctionOptions.defaults();
  private static final MemorySegment CODE = MemorySegment.ofArray(constant(42));

  /// The linker passes numbers in the byte order of the processor only.
  private static final FunctionDescriptor UNSUPPORTED =
      FunctionDescriptor.of(JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN));

  private static final CodeEmitter<RuntimeException> NEVER_CALLED =
      (rx, out) -> {
        throw new AssertionError("The emitter was called");
      };

  private final OwnedJitAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);
  private final JitFunction kept = runtime.add(constant(1), CONSTANT_TYPE);
  private Figures before = Figures.of(allocator);

  @BeforeEach
  void remember() {
    before = Figures.of(allocator);
  }

  @AfterEach
  void assertThatNothingChanged() {
    assertThat(Figures.of(allocator)).isEqualTo(before);
    assertThat(kept.isLive()).isTrue();
  }

  @Test
  void nullIsRefusedEverywhere() {
    assertThatIsNull(() -> new DefaultJitRuntimeFactory().create(nothing()));
    assertThatIsNull(() -> runtime.add((byte[]) nothing(), CONSTANT_TYPE));
    assertThatIsNull(() -> runtime.add(constant(1), nothing()));
    assertThatIsNull(() -> runtime.add((MemorySegment) nothing(), CONSTANT_TYPE, DEFAULTS));
    assertThatIsNull(() -> runtime.add(CODE, nothing(), DEFAULTS));
    assertThatIsNull(() -> runtime.add(CODE, CONSTANT_TYPE, nothing()));
    assertThatIsNull(
        () ->
            runtime.add(
                8,
                RuntimeRejectionTest.<CodeEmitter<RuntimeException>>nothing(),
                CONSTANT_TYPE,
                DEFAULTS));
    assertThatIsNull(() -> runtime.add(8, NEVER_CALLED, nothing(), DEFAULTS));
    assertThatIsNull(() -> runtime.add(8, NEVER_CALLED, CONSTANT_TYPE, nothing()));
    assertThatIsNull(() -> runtime.bind(nothing(), CONSTANT_TYPE));
    assertThatIsNull(() -> runtime.bind(MemorySegment.ofAddress(64), nothing()));
  }

  @Test
  void noCodeAtAllIsRefused() {
    assertThatIsIllegal(() -> runtime.add(new byte[0], CONSTANT_TYPE));
    assertThatIsIllegal(() -> runtime.add(MemorySegment.NULL, CONSTANT_TYPE, DEFAULTS));
  }

  @Test
  void codeLargerThanASpanIsRefused() {
    MemorySegment code = MemorySegment.ofAddress(4096).reinterpret(1L << 31);

    assertThatIsIllegal(() -> runtime.add(code, CONSTANT_TYPE, DEFAULTS));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, JitAllocator.MAX_SPAN_BYTE_SIZE + 1, Long.MAX_VALUE})
  void aLargestSizeOutsideThatOfSpansIsRefusedBeforeTheEmitterIsCalled(long maxByteSize) {
    assertThatIsIllegal(() -> runtime.add(maxByteSize, NEVER_CALLED, CONSTANT_TYPE, DEFAULTS));
  }

  @Test
  void anUnsupportedSignatureIsRefusedBeforeTheEmitterIsCalled() {
    assertThatIsIllegal(() -> runtime.add(CODE, UNSUPPORTED, DEFAULTS));
    assertThatIsIllegal(() -> runtime.add(64, NEVER_CALLED, UNSUPPORTED, DEFAULTS));
    assertThatIsIllegal(() -> runtime.bind(MemorySegment.ofAddress(64), UNSUPPORTED));
  }

  @Test
  void aClosedArenaIsRefusedBeforeTheEmitterIsCalled() {
    FunctionOptions options = DEFAULTS.withArena(closedArena());

    assertThatIsState(() -> runtime.add(CODE, CONSTANT_TYPE, options));
    assertThatIsState(() -> runtime.add(64, NEVER_CALLED, CONSTANT_TYPE, options));
  }

  @Test
  void anArenaOfAnotherThreadIsRefusedBeforeTheEmitterIsCalled() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      FunctionOptions options = DEFAULTS.withArena(arena);

      assertThat(OtherThread.thrownBy(() -> runtime.add(CODE, CONSTANT_TYPE, options)))
          .isInstanceOf(WrongThreadException.class);
      assertThat(OtherThread.thrownBy(() -> runtime.add(64, NEVER_CALLED, CONSTANT_TYPE, options)))
          .isInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void codeWhoseArenaIsClosedIsRefused() {
    MemorySegment code;
    try (Arena arena = Arena.ofShared()) {
      code = arena.allocate(64);
    }
    assertThatIsState(() -> runtime.add(code, CONSTANT_TYPE, DEFAULTS));
    try (Arena callers = Arena.ofConfined()) {
      assertThatIsState(() -> runtime.add(code, CONSTANT_TYPE, DEFAULTS.withArena(callers)));
      assertThatNothingChanged();
    }
  }

  @Test
  void codeOfAnotherThreadIsRefused() throws Exception {
    try (Arena arena = Arena.ofConfined();
        Arena callers = Arena.ofShared()) {
      MemorySegment code = arena.allocate(64);

      assertThat(OtherThread.thrownBy(() -> runtime.add(code, CONSTANT_TYPE, DEFAULTS)))
          .isInstanceOf(WrongThreadException.class);
      assertThat(
              OtherThread.thrownBy(
                  () -> runtime.add(code, CONSTANT_TYPE, DEFAULTS.withArena(callers))))
          .isInstanceOf(WrongThreadException.class);
      assertThatNothingChanged();
    }
  }

  @Test
  void onlyNativeEntryPointsCanBeBound() {
    assertThatIsIllegal(() -> runtime.bind(CODE, CONSTANT_TYPE));
    assertThatIsIllegal(() -> runtime.bind(MemorySegment.NULL, CONSTANT_TYPE));
  }

  @Test
  void aRuntimeEndsWithItsAllocator() {
    OwnedJitAllocator closed = Allocators.real();
    JitRuntime ended = new DefaultJitRuntimeFactory().create(closed);
    closed.close();

    assertThatIsState(() -> ended.add(CODE, CONSTANT_TYPE, DEFAULTS));
    assertThatIsState(() -> ended.add(64, NEVER_CALLED, CONSTANT_TYPE, DEFAULTS));
    assertThat(ended.allocator()).isSameAs(closed);
  }

  @Test
  void anAllocatorThatIsNotOfThisComponentIsRefused() {
    JitAllocator foreign =
        (JitAllocator)
            Proxy.newProxyInstance(
                JitAllocator.class.getClassLoader(),
                new Class<?>[] {JitAllocator.class},
                (proxy, method, arguments) -> null);

    assertThatIsIllegal(() -> new DefaultJitRuntimeFactory().create(foreign));
  }

  @Test
  void aRefusalLeavesOtherFunctionsAlone() throws Throwable {
    try (JitFunction function = runtime.add(constant(42), CONSTANT_TYPE)) {
      assertThatIsIllegal(() -> runtime.add(new byte[0], CONSTANT_TYPE));

      assertThat((int) function.handle().invokeExact()).isEqualTo(42);
    }
    before = Figures.of(allocator);
  }

  private static Arena closedArena() {
    try (Arena arena = Arena.ofShared()) {
      return arena;
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private static void assertThatIsNull(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
  }

  private static void assertThatIsIllegal(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertThatIsState(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
  }
}
