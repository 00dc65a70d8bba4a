// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.WAIT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.testing.GarbageCollection;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.WaitingCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// When a function ends, and what keeps it.
@OnLinux
@Timeout(120)
class FunctionLifetimeTest {
  private final OwnedAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  private long spans() {
    return allocator.statistics().spanCount();
  }

  private JitFunction waiting() {
    return runtime.add(MachineCode.waitForOrder(), WAIT_TYPE);
  }

  @Test
  void aRetiredFunctionThatNoThreadIsInsideEndsAtOnce() {
    JitFunction function = runtime.add(constant(1), CONSTANT_TYPE);

    assertThat(function.retire().toCompletableFuture()).isCompleted();
    assertThat(function.isLive()).isFalse();
    assertThat(spans()).isZero();
    assertThatThrownBy(function.handle()::invoke).isInstanceOf(IllegalStateException.class);
    assertThat(function.retire().toCompletableFuture()).isCompleted();
    function.close();
  }

  @Test
  void retiringAClosedFunctionIsOverAtOnce() {
    JitFunction function = runtime.add(constant(1), CONSTANT_TYPE);
    function.close();

    assertThat(function.retire().toCompletableFuture()).isCompleted();
  }

  @Test
  void aRetiredFunctionEndsAfterItsLastCallAndTakesNoNewOne() throws Exception {
    JitFunction function = waiting();
    try (WaitingCall call = new WaitingCall(function.handle())) {
      var end = function.retire().toCompletableFuture();

      assertThat(function.isLive()).isFalse();
      assertThatThrownBy(() -> function.handle().invoke(MemorySegment.NULL))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(function::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("retired");
      assertThat(function.retire().toCompletableFuture()).isNotDone();
      assertThat(spans()).isEqualTo(1);
      assertThat(call.finish(7)).isEqualTo(7);
      // A tick of the allocator frees it: nothing else is called
      end.get(60, TimeUnit.SECONDS);
    }
    assertThat(spans()).isZero();
  }

  @Test
  void addingAFunctionFreesThoseWhoseLastCallHasReturned() {
    JitFunction function = waiting();
    var end = function.retire().toCompletableFuture();
    JitFunction other = waiting();
    WaitingCall call = new WaitingCall(other.handle());
    var otherEnd = other.retire().toCompletableFuture();
    call.close();

    runtime.add(constant(1), CONSTANT_TYPE).close();
    assertThat(end).isCompleted();
    assertThat(otherEnd).isCompleted();
  }

  @Test
  void aRetiredFunctionWaitsForAccessToASegmentOfIt() throws Exception {
    JitFunction function = waiting();
    MemorySegment code = function.span().rx();
    MethodHandle bound = runtime.bind(code, WAIT_TYPE);
    try (WaitingCall call = new WaitingCall(bound)) {
      var end = function.retire().toCompletableFuture();

      assertThat(end).isNotDone();
      assertThat(spans()).isEqualTo(1);
      call.finish(1);
      end.get(60, TimeUnit.SECONDS);
    }
    assertThat(code.scope().isAlive()).isFalse();
    assertThat(spans()).isZero();
  }

  @Test
  void aSegmentOfTheSpanEndsWithTheFunction() {
    JitFunction function = runtime.add(constant(1), CONSTANT_TYPE);
    MemorySegment code = function.span().rx();
    MemorySegment queried = allocator.query(code).orElseThrow().rx();
    assertThat(queried.scope()).isEqualTo(code.scope());
    assertThat(code.mismatch(MemorySegment.ofArray(constant(1))))
        .isGreaterThanOrEqualTo(constant(1).length);

    function.close();
    assertThatThrownBy(() -> code.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> queried.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> function.span().rx()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCallThroughASegmentOfTheSpanKeepsTheFunctionFromClosing() throws Throwable {
    JitFunction function = waiting();
    try (WaitingCall call = new WaitingCall(runtime.bind(function.span().rx(), WAIT_TYPE))) {
      assertThatThrownBy(function::close).isInstanceOf(IllegalStateException.class);
      assertThat(function.isLive()).isTrue();
      call.finish(1);
    }
    function.close();
    assertThat(spans()).isZero();
  }

  @Test
  void onlyTheFunctionEndsItsSpan() {
    JitFunction function = runtime.add(constant(1), CONSTANT_TYPE);
    MemorySegment address = MemorySegment.ofAddress(function.span().rx().address());
    Span queried = allocator.query(address).orElseThrow();

    assertThat(queried).isEqualTo(function.span());
    assertThatThrownBy(queried::close).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> allocator.release(address))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> allocator.shrink(queried, 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> allocator.reset(ResetPolicy.SOFT))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);
    assertThat(MachineCode.call(function.handle())).isEqualTo(1);
    function.close();
    allocator.close();
  }

  @Test
  void aWriterThatNeedsLessLeavesTheSizeOfAFunctionAsItIs() {
    JitFunction function =
        runtime.add(
            MemorySegment.ofArray(new byte[500]), CONSTANT_TYPE, FunctionOptions.defaults());
    long byteSize = function.span().byteSize();

    allocator.write(
        function.span(),
        out -> {
          MemorySegment.copy(MemorySegment.ofArray(constant(3)), 0, out, 0, constant(3).length);
          return constant(3).length;
        },
        CachePolicy.DEFAULT);
    assertThat(function.span().byteSize()).isEqualTo(byteSize);
    assertThat(MachineCode.call(function.handle())).isEqualTo(3);
  }

  @Test
  void anUnreachableFunctionIsFreed() {
    for (int i = 0; i < 100; i++) {
      runtime.add(constant(i), CONSTANT_TYPE);
    }
    GarbageCollection.repeatUntil(() -> spans() == 0);
    assertThat(spans()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
  }

  @Test
  void aHandleKeepsItsFunction() throws Throwable {
    MethodHandle handle = runtime.add(constant(7), CONSTANT_TYPE).handle();
    GarbageCollection.repeat(3);

    assertThat((int) handle.invokeExact()).isEqualTo(7);
    assertThat(spans()).isEqualTo(1);
  }

  @Test
  void aFunctionWhoseAddressWasToldIsNotFreedOnItsOwn() {
    long address = runtime.add(constant(7), CONSTANT_TYPE).span().rx().address();
    runtime.add(
        64,
        (rx, out) -> {
          MemorySegment.copy(MemorySegment.ofArray(constant(3)), 0, out, 0, constant(3).length);
          return constant(3).length;
        },
        CONSTANT_TYPE,
        FunctionOptions.defaults());
    GarbageCollection.repeat(4);

    assertThat(spans()).isEqualTo(2);
    assertThat(allocator.query(MemorySegment.ofAddress(address))).isPresent();
  }

  @ParameterizedTest
  @EnumSource(
      value = CallSafety.class,
      names = {"CHECKED", "UNCHECKED"})
  void functionsThatDoNotKnowTheirCallersEndAtOnceWhenRetired(CallSafety safety) {
    JitFunction function =
        runtime.add(
            MemorySegment.ofArray(constant(1)),
            CONSTANT_TYPE,
            FunctionOptions.defaults().withSafety(safety));
    assertThat(function.isLive()).isTrue();

    assertThat(function.retire().toCompletableFuture()).isCompleted();
    assertThat(function.isLive()).isFalse();
    assertThat(spans()).isZero();
  }

  @Test
  void aFunctionWithACallersArenaCannotBeRetired() {
    try (Arena arena = Arena.ofShared()) {
      JitFunction function =
          runtime.add(
              MemorySegment.ofArray(constant(1)),
              CONSTANT_TYPE,
              FunctionOptions.defaults().withArena(arena));

      assertThatThrownBy(function::retire).isInstanceOf(UnsupportedOperationException.class);
      assertThat(function.isLive()).isTrue();
    }
  }

  @Test
  void aRefusedCloseSaysWhatToDoInsideAnUpcall() {
    JitFunction function = waiting();
    try (WaitingCall call = new WaitingCall(function.handle())) {
      assertThatThrownBy(function::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("upcall")
          .hasMessageContaining("retire");
      call.finish(1);
    }
    function.close();
  }
}
