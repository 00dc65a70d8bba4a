// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.ffm.NativeCalls.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which commands are given, on kernels that offer more or less.
class MemoryBarrierTest {
  private static final long NUMBER = 283;
  private static final int QUERY = 0;
  private static final int GLOBAL = 1;
  private static final int SYNC_CORE = 32;
  private static final int REGISTER = 64;
  private static final int EPERM = 1;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;

  private final List<Long> commands = new ArrayList<>();

  /// What the kernel of the test offers.
  private int offered = GLOBAL | SYNC_CORE | REGISTER;

  private boolean registered;

  private final NativeCalls kernel =
      (function, arguments) -> {
        assertThat(function).isEqualTo(MemoryBarrier.SYSCALL);
        assertThat(arguments).hasSize(4).startsWith(NUMBER).endsWith(0, 0);
        commands.add(arguments[1]);
        return answer((int) arguments[1]);
      };

  private final MemoryBarrier barrier = new MemoryBarrier(kernel, NUMBER);

  private Result answer(int command) {
    if (command == QUERY) {
      return offered == 0 ? new Result(-1, ENOSYS) : new Result(offered, 0);
    }
    if ((offered & command) == 0) {
      return new Result(-1, EINVAL);
    }
    if (command == SYNC_CORE && !registered) {
      return new Result(-1, EPERM);
    }
    registered |= command == REGISTER;
    return new Result(0, 0);
  }

  private void assertCommands(int... expected) {
    assertThat(commands.stream().mapToInt(Long::intValue).toArray()).containsExactly(expected);
    commands.clear();
  }

  @Test
  void theProcessIsRegisteredOnce() {
    barrier.synchronizeAllThreads();
    assertCommands(QUERY, REGISTER, SYNC_CORE);
    barrier.synchronizeAllThreads();
    barrier.synchronizeAllThreads();
    assertCommands(SYNC_CORE, SYNC_CORE);
  }

  @Test
  void kernelsBeforeTheExpeditedCommandWaitForAllProcessors() {
    offered = GLOBAL;
    barrier.synchronizeAllThreads();
    barrier.synchronizeAllThreads();
    assertCommands(QUERY, GLOBAL, GLOBAL);
  }

  @Test
  void aRefusedRegistrationIsNoReasonToDoNothing() {
    offered = GLOBAL | SYNC_CORE;
    barrier.synchronizeAllThreads();
    assertCommands(QUERY, REGISTER, GLOBAL);
  }

  @Test
  void whereTheCallIsRefusedItIsNotMadeAgain() {
    offered = 0;
    barrier.synchronizeAllThreads();
    barrier.synchronizeAllThreads();
    assertCommands(QUERY);
  }

  @Test
  void aProcessThatLostItsRegistrationRegistersAgain() {
    barrier.synchronizeAllThreads();
    registered = false;
    commands.clear();
    barrier.synchronizeAllThreads();
    assertCommands(SYNC_CORE, QUERY, REGISTER, SYNC_CORE);
  }

  @Test
  void aCallThatIsForbiddenLaterIsGivenUp() {
    barrier.synchronizeAllThreads();
    offered = 0;
    commands.clear();
    barrier.synchronizeAllThreads();
    barrier.synchronizeAllThreads();
    assertCommands(SYNC_CORE, QUERY);
  }

  /// The numbers are those of asm-generic/unistd.h and of asm/unistd_64.h.
  @Test
  void theRunningKernelTakesTheCommandsOrTheBarrierGivesUp() {
    Downcalls calls = new Downcalls(Downcalls.ERRNO);
    long number = System.getProperty("os.arch").equals("aarch64") ? NUMBER : 324;
    List<Result> results = new ArrayList<>();
    NativeCalls recorded =
        (function, arguments) -> {
          Result result = calls.call(function, arguments);
          results.add(result);
          return result;
        };
    new MemoryBarrier(recorded, number).synchronizeAllThreads();
    boolean works = results.getLast().value() == 0 && results.size() > 1;
    System.out.println("membarrier " + (works ? "works" : "is refused") + " here: " + results);
    assertThat(works || results.size() == 1).isTrue();
  }
}
