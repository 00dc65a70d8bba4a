// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.WAIT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.testing.GarbageCollection;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.OtherThread;
import com.example.jitmem.testing.WaitingCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnLinux
@Timeout(60)
class FunctionArenaTest {
  private final OwnedJitAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  @Test
  void aFunctionEndsWithASharedArena() throws Throwable {
    JitFunction function;
    try (Arena arena = Arena.ofShared()) {
      function = add(constant(5), CONSTANT_TYPE, arena);
      assertThat((int) function.handle().invokeExact()).isEqualTo(5);
    }
    assertThatHasEnded(function);
  }

  @Test
  void aFunctionEndsWithAConfinedArenaAndIsCalledByItsThreadOnly() throws Throwable {
    JitFunction function;
    try (Arena arena = Arena.ofConfined()) {
      function = add(constant(5), CONSTANT_TYPE, arena);
      assertThat((int) function.handle().invokeExact()).isEqualTo(5);

      MethodHandle handle = function.handle();
      assertThat(OtherThread.thrownBy(handle::invoke)).isInstanceOf(WrongThreadException.class);
    }
    assertThatHasEnded(function);
  }

  @Test
  void aFunctionInTheGlobalArenaNeverEnds() throws Throwable {
    JitFunction function = add(constant(5), CONSTANT_TYPE, Arena.global());

    assertThatThrownBy(function::close).isInstanceOf(UnsupportedOperationException.class);
    assertThat((int) function.handle().invokeExact()).isEqualTo(5);
  }

  @Test
  void aFunctionInAnAutomaticArenaLivesWhileItsHandleIsReachable() throws Throwable {
    MethodHandle handle = add(constant(5), CONSTANT_TYPE, Arena.ofAuto()).handle();
    System.gc();

    assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    assertThat((int) handle.invokeExact()).isEqualTo(5);
  }

  @Test
  void aFunctionInAnAutomaticArenaEndsWhenNothingReachesIt() {
    assertThat(add(constant(5), CONSTANT_TYPE, Arena.ofAuto()).span().isLive()).isTrue();

    GarbageCollection.repeatUntil(() -> allocator.statistics().spanCount() == 0);
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
  }

  @Test
  void functionsOfAGroupEndWithTheGroup() throws Throwable {
    JitFunction one;
    JitFunction two;
    try (CodeGroup group = allocator.openGroup()) {
      one = add(constant(1), CONSTANT_TYPE, group.arena());
      two = add(constant(2), CONSTANT_TYPE, group.arena());
      assertThat((int) one.handle().invokeExact()).isEqualTo(1);
      assertThat((int) two.handle().invokeExact()).isEqualTo(2);
    }
    assertThatHasEnded(one);
    assertThatHasEnded(two);
  }

  @Test
  void aFunctionWithAnArenaCannotBeClosedByItself() throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      JitFunction function = add(constant(5), CONSTANT_TYPE, arena);

      assertThatThrownBy(function::close).isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(function.span()::close).isInstanceOf(UnsupportedOperationException.class);
      assertThat((int) function.handle().invokeExact()).isEqualTo(5);
    }
  }

  @Test
  void anArenaDoesNotCloseWhileAThreadIsInsideItsCode() throws Throwable {
    JitFunction function;
    try (Arena arena = Arena.ofShared()) {
      function = add(MachineCode.waitForOrder(), WAIT_TYPE, arena);
      try (WaitingCall call = new WaitingCall(function.handle())) {
        assertThatThrownBy(arena::close).isInstanceOf(IllegalStateException.class);
        assertThat(function.span().isLive()).isTrue();
        assertThat(call.finish(7)).isEqualTo(7);
      }
    }
    assertThat(function.span().isLive()).isFalse();
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  private void assertThatHasEnded(JitFunction function) {
    assertThat(function.span().isLive()).isFalse();
    assertThatThrownBy(function.handle()::invoke).isInstanceOf(IllegalStateException.class);
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
  }

  private JitFunction add(byte[] code, FunctionDescriptor type, Arena arena) {
    return runtime.add(
        MemorySegment.ofArray(code), type, FunctionOptions.defaults().withArena(arena));
  }
}
