// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  private boolean always(CFunction function, int error, long... arguments) {
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
