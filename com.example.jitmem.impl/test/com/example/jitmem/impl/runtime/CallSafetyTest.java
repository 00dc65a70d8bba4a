// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.WAIT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.testing.Figures;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.WaitingCall;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@OnLinux
@Timeout(60)
class CallSafetyTest {
  private final OwnedJitAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  @AfterEach
  void closeAllocator() {
    assertThat(allocator.statistics().spanCount()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(value = CallSafety.class, names = "UNCHECKED", mode = Mode.EXCLUDE)
  void aCallAfterTheEndThrows(CallSafety safety) {
    JitFunction function = add(constant(42), CONSTANT_TYPE, safety);
    MethodHandle handle = function.handle();

    function.close();

    assertThatThrownBy(handle::invoke).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(function.handle()::invoke).isInstanceOf(IllegalStateException.class);
    assertThat(function.span().isLive()).isFalse();
    assertThatThrownBy(() -> function.span().rx()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anUncheckedCallBeforeTheEndRuns() throws Throwable {
    try (JitFunction function = add(constant(42), CONSTANT_TYPE, CallSafety.UNCHECKED)) {
      assertThat((int) function.handle().invokeExact()).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void closingTwiceDoesNotEndTheNextFunctionAtTheAddress(CallSafety safety) throws Throwable {
    JitFunction first = add(constant(1), CONSTANT_TYPE, safety);
    first.close();
    try (JitFunction second = add(constant(2), CONSTANT_TYPE, safety)) {
      first.close();

      assertThat((int) second.handle().invokeExact()).isEqualTo(2);
      assertThat(second.span().isLive()).isTrue();
    }
  }

  @Test
  void aCheckedHandleDoesNotRunTheCodeThatFollowedAtItsAddress() {
    JitFunction first = add(constant(1), CONSTANT_TYPE, CallSafety.CHECKED);
    long address = first.span().rx().address();
    first.close();
    try (JitFunction second = add(constant(2), CONSTANT_TYPE, CallSafety.CHECKED)) {
      assertThat(second.span().rx().address()).isEqualTo(address);
      assertThatThrownBy(first.handle()::invoke).isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(value = CallSafety.class, names = "PROTECTED", mode = Mode.EXCLUDE)
  void aSpanReleasedFromUnderItsFunctionEndsTheFunction(CallSafety safety) throws Throwable {
    JitFunction function = add(constant(1), CONSTANT_TYPE, safety);
    allocator.release(function.span().rx());

    assertThatHasEnded(function, safety);
    try (JitFunction next = add(constant(2), CONSTANT_TYPE, safety)) {
      function.close();
      assertThat((int) next.handle().invokeExact()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(value = CallSafety.class, names = "PROTECTED", mode = Mode.EXCLUDE)
  void aResetEndsFunctionsThatTheirCallerCloses(CallSafety safety) {
    JitFunction function = add(constant(1), CONSTANT_TYPE, safety);
    allocator.reset(ResetPolicy.HARD);

    assertThatHasEnded(function, safety);
    assertThatCode(function::close).doesNotThrowAnyException();
  }

  @Test
  void aProtectedFunctionCannotBeEndedFromUnderItsHandle() throws Throwable {
    try (JitFunction function = add(constant(1), CONSTANT_TYPE, CallSafety.PROTECTED)) {
      MemorySegment rx = function.span().rx();

      assertThatThrownBy(() -> allocator.release(rx))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> allocator.reset(ResetPolicy.HARD))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);

      assertThat((int) function.handle().invokeExact()).isEqualTo(1);
    }
  }

  @Test
  void aProtectedFunctionDoesNotEndWhileAThreadIsInside() throws Throwable {
    JitFunction function = add(MachineCode.waitForOrder(), WAIT_TYPE, CallSafety.PROTECTED);
    try (WaitingCall call = new WaitingCall(function.handle())) {
      Figures before = Figures.of(allocator);

      assertThatThrownBy(function::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a thread is inside");

      assertThat(function.span().isLive()).isTrue();
      assertThat(Figures.of(allocator)).isEqualTo(before);
      assertThat(call.finish(7)).isEqualTo(7);
    }
    function.close();
    assertThat(function.span().isLive()).isFalse();
  }

  private void assertThatHasEnded(JitFunction function, CallSafety safety) {
    assertThat(function.span().isLive()).isFalse();
    if (safety == CallSafety.CHECKED) {
      assertThatThrownBy(function.handle()::invoke).isInstanceOf(IllegalStateException.class);
    }
  }

  private JitFunction add(byte[] code, FunctionDescriptor type, CallSafety safety) {
    return runtime.add(
        MemorySegment.ofArray(code), type, FunctionOptions.defaults().withSafety(safety));
  }
}
