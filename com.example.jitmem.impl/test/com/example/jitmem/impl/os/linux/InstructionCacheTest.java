// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemException.Reason;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.ffm.NativeCalls.Result;
import com.example.jitmem.impl.os.AddressRange;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstructionCacheTest {
  private static final AddressRange FIRST = new AddressRange(0x1000, 0x1040);
  private static final AddressRange SECOND = new AddressRange(0x5000, 0x5004);
  private static final AddressRange EMPTY = new AddressRange(0x9000, 0x9000);

  /// What was done, in order.
  private final List<String> done = new ArrayList<>();

  private boolean libgcc = true;

  private final NativeCalls calls =
      (function, arguments) -> {
        if (function.equals(InstructionCache.CLEAR_CACHE)) {
          if (!libgcc) {
            throw new VirtMemException(Reason.NOT_SUPPORTED, "no libgcc");
          }
          if (arguments[0] != arguments[1]) {
            done.add("clear " + hex(arguments[0]) + "-" + hex(arguments[1]));
          }
        } else if (arguments[1] == LinuxConstants.MEMBARRIER_CMD_QUERY) {
          return new Result(LinuxConstants.MEMBARRIER_CMD_GLOBAL, 0);
        } else {
          done.add("barrier");
        }
        return new Result(0, 0);
      };

  private InstructionCache cache(InstructionCache.Maintenance replacement) {
    return new InstructionCache(calls, new MemoryBarrier(calls, 283), () -> replacement);
  }

  private static String hex(long number) {
    return Long.toHexString(number);
  }

  private void routine(long start, long end) {
    done.add("routine " + hex(start) + "-" + hex(end));
  }

  @Test
  void everyRangeIsClearedThenThreadsAreInterruptedOnce() {
    cache(this::routine).flush(List.of(FIRST, EMPTY, SECOND));
    assertThat(done).containsExactly("clear 1000-1040", "clear 5000-5004", "barrier");
  }

  @Test
  void nothingIsDoneForNothing() {
    cache(this::routine).flush(List.of(EMPTY));
    cache(this::routine).flush(List.of());
    assertThat(done).isEmpty();
  }

  @Test
  void withoutLibgccTheRoutineIsUsed() {
    libgcc = false;
    InstructionCache cache = cache(this::routine);
    cache.flush(List.of(FIRST));
    cache.flush(List.of(SECOND));
    assertThat(done)
        .containsExactly("routine 1000-1040", "barrier", "routine 5000-5004", "barrier");
  }

  @Test
  void withoutAnyMeansTheRemedyIsNamed() {
    libgcc = false;
    VirtMemException refusal = new VirtMemException(Reason.DENIED_BY_POLICY, "not twice");
    InstructionCache cache =
        new InstructionCache(
            calls,
            new MemoryBarrier(calls, 283),
            () -> {
              throw refusal;
            });
    assertThatThrownBy(() -> cache.flush(List.of(FIRST)))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContainingAll("install libgcc", "libgcc_s.so.1", "not twice")
        .hasCause(refusal);
    assertThat(done).isEmpty();
  }

  @Test
  void x86MakesNoCallAtAll() {
    List<String> made = new ArrayList<>();
    Os os =
        new LinuxOs(
            (function, arguments) -> {
              made.add(function.name());
              return new Result(4096, 0);
            },
            Processor.X86_64,
            MappingLog.NONE);
    made.clear();
    os.flushInstructionCache(0x1000, 0x1000);
    os.flushInstructionCache(List.of(FIRST, SECOND));
    assertThat(made).isEmpty();
  }

  @Test
  void theRoutineTakesOnePageAndNothingElse() {
    LedgerCalls ledger = new LedgerCalls();
    Os os = new LinuxOs(ledger, Processor.AARCH64, MappingLog.NONE);
    CacheRoutine.placedBy(os);
    assertThat(ledger.heldCount()).isOne();
    ledger.giveBackAll();
  }

  @Test
  void theRoutineIsPlacedByTheNextMeansWhereTheFirstIsRefused() {
    LedgerCalls ledger = new LedgerCalls();
    Os os = new LinuxOs(ledger, Processor.AARCH64, MappingLog.NONE);
    ledger.refuse(LinuxErrno.EACCES.code(), (function, _) -> function.name().equals("mremap"));
    CacheRoutine.placedBy(os);
    assertThat(ledger.made()).contains("memfd_create");
    assertThat(ledger.heldCount()).isOne();
    ledger.giveBackAll();
  }

  @Test
  void aRoutineThatCannotBePlacedLeavesNothing() {
    LedgerCalls ledger = new LedgerCalls();
    Os os = new LinuxOs(ledger, Processor.AARCH64, MappingLog.NONE);
    ledger.refuse(
        LinuxErrno.EACCES.code(),
        (function, _) -> List.of("mremap", "memfd_create", "mkostemp").contains(function.name()));
    assertThatThrownBy(() -> CacheRoutine.placedBy(os))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.getSuppressed()).hasSize(os.facts().dualBackings().size()));
    assertThat(ledger.balance()).isEqualTo(LedgerCalls.settled());
  }

  /// Under an emulator this shows more than on a processor: it translates code when it runs first
  /// and keeps that until the instruction cache is invalidated at the address where it runs.
  @Test
  void theRoutineMakesNewCodeRun() {
    assumeTrue(System.getProperty("os.arch").equals("aarch64"), "the routine is AArch64 code");
    Os os = LinuxOs.ofProcess(Processor.AARCH64);
    CacheRoutine routine = CacheRoutine.placedBy(os);
    long page = os.facts().pageSize();
    SharedMemory memory = os.createShared(Backing.MEMFD, page, false);
    long rx = os.reserve(page, page, AddressWindow.ANYWHERE);
    long rw = os.reserve(page, page, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, page, MemoryAccess.RX);
    os.mapShared(memory, 0, rw, page, MemoryAccess.RW);
    for (int value = 0; value < 100; value++) {
      byte[] code = Processor.AARCH64.returning(value);
      MemorySegment.ofAddress(rw).reinterpret(page).copyFrom(MemorySegment.ofArray(code));
      routine.maintain(rx, rx + code.length);
      assertThat(os.run(rx)).isEqualTo(value);
    }
    os.unreserve(rx, page);
    os.unreserve(rw, page);
    os.closeShared(memory);
  }
}
