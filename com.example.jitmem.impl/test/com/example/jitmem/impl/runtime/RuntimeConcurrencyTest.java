// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static com.example.jitmem.testing.MachineCode.CONSTANT_TYPE;
import static com.example.jitmem.testing.MachineCode.WAIT_TYPE;
import static com.example.jitmem.testing.MachineCode.constant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.WaitingCall;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnLinux
@Timeout(120)
class RuntimeConcurrencyTest {
  private static final int THREADS = 4;

  private final OwnedJitAllocator allocator = Allocators.real();
  private final JitRuntime runtime = new DefaultJitRuntimeFactory().create(allocator);

  @AfterEach
  void closeAllocator() {
    assertThat(allocator.statistics().spanCount()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(CallSafety.class)
  void threadsAddCallAndCloseTheirOwnFunctions(CallSafety safety) throws Exception {
    FunctionOptions options = FunctionOptions.defaults().withSafety(safety);
    inThreads(
        THREADS,
        thread -> {
          for (int i = 0; i < 500; i++) {
            int value = thread * 1_000 + i;
            MemorySegment code = MemorySegment.ofArray(constant(value));
            try (JitFunction function = runtime.add(code, CONSTANT_TYPE, options)) {
              assertThat(call(function)).isEqualTo(value);
            }
          }
        });
  }

  /// Every thread puts functions where others find them, calls what it finds, and ends what it
  /// replaces. A call returns the value of the function it was made on, or throws because that has
  /// ended; it never runs other code.
  @Test
  void aCallOfAFunctionThatAnotherThreadEndsRunsItOrThrows() throws Exception {
    AtomicReferenceArray<Numbered> shared = new AtomicReferenceArray<>(8);
    inThreads(
        THREADS,
        thread -> {
          for (int i = 0; i < 1_000; i++) {
            int slot = (i * 7 + thread) % shared.length();
            int value = thread * 10_000 + i;
            Numbered previous =
                shared.getAndSet(
                    slot, new Numbered(runtime.add(constant(value), CONSTANT_TYPE), value));
            Numbered found = shared.get((slot + 3) % shared.length());
            if (found != null) {
              assertRunsOrHasEnded(found);
            }
            if (previous != null) {
              closeWhenFree(previous.function);
            }
          }
        });
    for (int i = 0; i < shared.length(); i++) {
      shared.get(i).function.close();
    }
  }

  @Test
  void threadsThatCloseOneFunctionAtOnceAllSucceed() throws Exception {
    List<JitFunction> functions = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      functions.add(runtime.add(constant(i), CONSTANT_TYPE));
    }
    Phaser start = new Phaser(2);
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    inThreads(
        2,
        thread -> {
          for (int i = 0; i < functions.size(); i++) {
            start.arriveAndAwaitAdvance();
            Throwable failure = catchThrowable(functions.get(i)::close);
            if (failure != null) {
              failures.add(failure);
            }
          }
        });
    assertThat(failures).isEmpty();
  }

  @Test
  void theLastOfSeveralCallsLetsTheFunctionEnd() throws Exception {
    JitFunction function = runtime.add(MachineCode.waitForOrder(), WAIT_TYPE);
    List<WaitingCall> calls = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      calls.add(new WaitingCall(function.handle()));
    }
    for (WaitingCall call : calls) {
      assertThat(endsNow(function)).isFalse();
      assertThat(call.finish(7)).isEqualTo(7);
      call.close();
    }
    assertThat(endsNow(function)).isTrue();
    assertThat(function.span().isLive()).isFalse();
  }

  private record Numbered(JitFunction function, int value) {}

  private interface ThreadBody {
    void run(int thread) throws Exception;
  }

  private static void assertRunsOrHasEnded(Numbered found) {
    try {
      assertThat(call(found.function)).isEqualTo(found.value);
    } catch (IllegalStateException e) {
      assertThat(found.function.span().isLive()).isFalse();
    }
  }

  private static void closeWhenFree(JitFunction function) {
    while (!endsNow(function)) {
      Thread.onSpinWait();
    }
  }

  private static boolean endsNow(JitFunction function) {
    try {
      function.close();
      return true;
    } catch (IllegalStateException inUse) {
      return false;
    }
  }

  private static int call(JitFunction function) {
    try {
      return (int) function.handle().invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void inThreads(int threads, ThreadBody body) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        tasks.add(
            () -> {
              body.run(thread);
              return null;
            });
      }
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
