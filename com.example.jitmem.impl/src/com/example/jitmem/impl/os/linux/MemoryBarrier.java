// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.log.LoggerNames;
import org.jspecify.annotations.Nullable;

/// Makes all threads of this process drop the instructions they have fetched but not executed.
///
/// The C library has no function for membarrier(2), hence the call by number. What is used:
/// 1. `PRIVATE_EXPEDITED_SYNC_CORE`, since Linux 4.16: interrupts the processors that run a thread
///    of this process, some microseconds. The return from an interrupt synchronises on AArch64.
/// 2. `GLOBAL`, since Linux 4.3: waits until every processor has gone through the scheduler, some
///    milliseconds.
/// 3. Nothing, where the kernel is older, built without it, or a seccomp filter refuses the call. A
///    thread that is running then sees new code in place of old code at the latest after its next
///    interrupt or system call. That is logged once.
///
/// Thread-safe.
final class MemoryBarrier {
  /// `long syscall(long number, ...)`, syscall(2).
  static final CFunction SYSCALL =
      CFunction.of("syscall", INT64, INT64, INT32, INT32, INT32).variadicFrom(1);

  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private enum Means {
    SYNC_CORE(LinuxConstants.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE),
    GLOBAL(LinuxConstants.MEMBARRIER_CMD_GLOBAL),
    NONE(0);

    private final int command;

    Means(int command) {
      this.command = command;
    }
  }

  private final NativeCalls calls;
  private final long number;
  private volatile @Nullable Means means;
  private boolean logged;

  /// Makes no call.
  ///
  /// @param number the number of the system call membarrier on the running processor
  MemoryBarrier(NativeCalls calls, long number) {
    this.calls = calls;
    this.number = number;
  }

  /// Returns when no thread executes instructions that it fetched before the call.
  void synchronizeAllThreads() {
    Means known = means;
    Means chosen = known == null ? choose() : known;
    // A process that was restored from a checkpoint is not registered any more
    if (!succeeds(chosen) && !succeeds(choose())) {
      giveUp(Means.NONE + " after it had worked");
    }
  }

  private boolean succeeds(Means chosen) {
    return chosen == Means.NONE || command(chosen.command).value() == 0;
  }

  private synchronized Means choose() {
    NativeCalls.Result offered = command(LinuxConstants.MEMBARRIER_CMD_QUERY);
    Means found = offered.value() < 0 ? Means.NONE : best(offered.value());
    if (found == Means.NONE) {
      giveUp(offered.toString());
    }
    means = found;
    return found;
  }

  private Means best(long offered) {
    int register = LinuxConstants.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
    if ((offered & Means.SYNC_CORE.command) != 0 && command(register).value() == 0) {
      return Means.SYNC_CORE;
    }
    return (offered & Means.GLOBAL.command) != 0 ? Means.GLOBAL : Means.NONE;
  }

  private synchronized void giveUp(String outcome) {
    means = Means.NONE;
    if (!logged) {
      logged = true;
      LOGGER.log(
          System.Logger.Level.WARNING,
          "membarrier cannot synchronise instructions here (it returned {0}): code that is written"
              + " where other code was executed may be noticed by running threads only at their"
              + " next system call. Allow the system call in the seccomp filter of this process,"
              + " or use Linux 4.16 or later",
          outcome);
    }
  }

  private NativeCalls.Result command(int command) {
    return calls.call(SYSCALL, number, command, 0, 0);
  }
}
