// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DowncallsTest {
  private static final CFunction ABS = CFunction.of("abs", INT32, INT32);
  private static final CFunction LABS = CFunction.of("labs", INT64, INT64);
  private static final CFunction CLOSE = CFunction.of("close", INT32, INT32);
  private static final CFunction MUNMAP = CFunction.of("munmap", INT32, INT64, INT64);
  private static final int EBADF = 9;
  private static final int EINVAL = 22;

  private final Downcalls calls = new Downcalls(Downcalls.ERRNO);

  @Test
  void argumentsAreCutAndResultsSignExtended() {
    assertThat(calls.call(ABS, 0x1_FFFF_FFFEL).value()).isEqualTo(2);
    assertThat(calls.call(ABS, Integer.MIN_VALUE).value()).isEqualTo(Integer.MIN_VALUE);
    assertThat(calls.call(LABS, -(1L << 40)).value()).isEqualTo(1L << 40);
  }

  @Test
  void theErrorOfACallIsKept() {
    assertThat(calls.call(CLOSE, -1)).isEqualTo(new NativeCalls.Result(-1, EBADF));
    assertThat(calls.call(MUNMAP, 1, 1)).isEqualTo(new NativeCalls.Result(-1, EINVAL));
  }

  @Test
  void threadsDoNotSeeEachOthersErrors() throws Exception {
    Callable<Boolean> closing = () -> always(CLOSE, EBADF, -1);
    Callable<Boolean> unmapping = () -> always(MUNMAP, EINVAL, 1, 1);
    List<Callable<Boolean>> tasks = List.of(closing, unmapping, closing, unmapping);
    List<Boolean> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> outcome : threads.invokeAll(tasks)) {
        outcomes.add(outcome.get());
      }
    }
    assertThat(outcomes).containsOnly(true);
  }

  @Test
  void virtualThreadsDoNotSeeEachOthersErrors() throws Exception {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tasks.add(
          i % 2 == 0
              ? () -> alwaysAndYielding(CLOSE, EBADF, -1)
              : () -> alwaysAndYielding(MUNMAP, EINVAL, 1, 1));
    }
    List<Boolean> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> outcome : threads.invokeAll(tasks)) {
        outcomes.add(outcome.get());
      }
    }
    assertThat(outcomes).containsOnly(true);
  }

  /// Lets other virtual threads run on the same carrier thread between the calls.
  private boolean alwaysAndYielding(CFunction function, int error, long... arguments) {
    for (int i = 0; i < 200; i++) {
      NativeCalls.Result result = calls.call(function, arguments);
      LockSupport.parkNanos(1);
      if (result.error() != error) {
        return false;
      }
    }
    return true;
  }

  @Test
  void anErrorSurvivesWhatIsCalledAfterIt() {
    NativeCalls.Result closed = calls.call(CLOSE, -1);
    calls.call(MUNMAP, 1, 1);
    calls.call(ABS, 1);
    assertThat(Files.exists(Path.of("no such file"))).isFalse();
    assertThat(closed.error()).isEqualTo(EBADF);
  }

  @Test
  void threadsWithoutMemoryForTheErrorCallAllTheSame() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean();
    Downcalls starved =
        new Downcalls(
            Downcalls.ERRNO,
            new CallStates(
                Downcalls.ERRNO,
                () -> {
                  if (exhausted.getAndSet(true)) {
                    throw new OutOfMemoryError("planned");
                  }
                  return Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
                }));
    List<Callable<Boolean>> tasks =
        List.of(
            () -> always(starved, CLOSE, EBADF, -1), () -> always(starved, MUNMAP, EINVAL, 1, 1));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<Boolean> outcome : threads.invokeAll(tasks)) {
        assertThat(outcome.get()).isTrue();
      }
    }
  }

  @Test
  void anErrorCodeThatTheSystemDoesNotHaveIsRefusedAtOnce() {
    assertThatThrownBy(() -> new Downcalls("no such code"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void functionsOfOtherLibrariesAreFoundThere() {
    CFunction zero = CFunction.of("acos", INT64).in("libm.so.6");
    calls.prepare(zero);
    assertThatThrownBy(() -> calls.prepare(CFunction.of("abs", INT32).in("libjitmem-none.so")))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED))
        .hasMessageContaining("libjitmem-none.so");
    assertThatThrownBy(() -> calls.prepare(CFunction.of("jitmem_none", INT32).in("libm.so.6")))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContainingAll("libm.so.6", "jitmem_none");
  }

  @Test
  void aFunctionWithoutResultGivesZero() {
    assertThat(calls.call(CFunction.of("free", CType.VOID, INT64), 0).value()).isZero();
  }

  private boolean always(CFunction function, int error, long... arguments) {
    return always(calls, function, error, arguments);
  }

  private static boolean always(Downcalls calls, CFunction function, int error, long... arguments) {
    for (int i = 0; i < 20_000; i++) {
      if (calls.call(function, arguments).error() != error) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aFunctionThatIsMissingIsNamed() {
    CFunction missing = CFunction.of("jitmem_no_such_function", INT32);
    assertThatThrownBy(() -> calls.call(missing))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED))
        .hasMessageContaining("jitmem_no_such_function");
  }
}
