// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Refuses every system call of every operation of a region in turn.
class FaultInjectionTest {
  private static final int ENOMEM = 12;
  private static final long REGION = 2L * 1024 * 1024;
  private static final long BLOCK = 64 * 1024;

  /// Far from the addresses that the system chooses itself.
  private static final Vicinity NEAR = Vicinity.of(MemorySegment.ofAddress(0x1000_0000_0000L));

  /// More calls than any operation makes.
  private static final int MOST_CALLS = 20;

  private final TestSystem system = new TestSystem();

  static CodeWriting[] ways() {
    return TestSystem.allWays();
  }

  private CodeRegion reserve(CodeWriting way) {
    return new SystemCodeMemory(system.os, way, false).reserve(REGION);
  }

  /// Runs an operation again and again, with another of its calls refused each time, until it runs
  /// through.
  ///
  /// @param check is told whether the operation threw
  private void refuseEachCall(Runnable before, Runnable operation, Consumer<Boolean> check) {
    for (int position = 0; position < MOST_CALLS; position++) {
      before.run();
      int refusedBefore = system.calls.refusedCount();
      system.calls.refuseOnce(ENOMEM, position);
      boolean thrown = isRefused(operation);
      boolean refused = system.calls.refusedCount() > refusedBefore;
      system.calls.refuseNothing();
      check.accept(thrown);
      if (!refused) {
        assertThat(thrown).isFalse();
        assertThat(position).isPositive();
        return;
      }
    }
    throw new AssertionError("Operations make more calls than expected");
  }

  private boolean isRefused(Runnable operation) {
    Throwable refusal = catchThrowable(operation::run);
    if (refusal != null) {
      assertThat(refusal).isInstanceOf(VirtMemException.class).hasMessageContaining("ENOMEM");
      assertThat(refusal.getSuppressed()).isEmpty();
    }
    return refusal != null;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedReservationLeavesNothing(CodeWriting way) {
    List<CodeRegion> reserved = new ArrayList<>();
    refuseEachCall(
        () -> {},
        () -> reserved.add(reserve(way)),
        thrown -> {
          reserved.forEach(CodeRegion::release);
          reserved.clear();
          assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
        });
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedReservationNearAnAnchorLeavesNothing(CodeWriting way) {
    CodeMemory memory = new SystemCodeMemory(system.os, way, false);
    List<CodeRegion> reserved = new ArrayList<>();
    refuseEachCall(
        () -> {},
        () -> reserved.add(memory.reserveNear(REGION, NEAR)),
        thrown -> {
          reserved.forEach(CodeRegion::release);
          reserved.clear();
          assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
        });
  }

  @Test
  void refusedPagesNearAnAnchorLeaveNothing() {
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);
    virtMem.hardenedRuntimeInfo();
    Supplier<Arena> kind = Arena::ofShared;
    Deque<Arena> arenas = new ArrayDeque<>();
    refuseEachCall(
        () -> arenas.push(kind.get()),
        () -> virtMem.alloc(BLOCK, MemoryAccess.RW, Set.of(), NEAR, arenas.element()),
        thrown -> {
          arenas.pop().close();
          assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
        });
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedCommitCommitsNothingAndTheNextOneWorks(CodeWriting way) {
    ViewedRegion region = (ViewedRegion) reserve(way);
    refuseEachCall(
        () -> {},
        () -> region.commit(BLOCK, BLOCK),
        thrown -> {
          if (thrown) {
            assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo("---p");
            assertThat(ProcessMaps.accessTo(region.writtenAddress(0), REGION)).isEqualTo("---p");
            region.commit(BLOCK, BLOCK);
          }
          assertRunsAt(region, BLOCK);
          region.decommit(BLOCK, BLOCK);
        });
    region.release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_REMOVE and does nothing")
  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedDecommitLeavesMemoryThatWorksAndAnotherOneNone(CodeWriting way) {
    ViewedRegion region = (ViewedRegion) reserve(way);
    refuseEachCall(
        () -> {
          region.commit(BLOCK, BLOCK);
          assertRunsAt(region, BLOCK);
        },
        () -> region.decommit(BLOCK, BLOCK),
        thrown -> {
          if (thrown) {
            assertRunsAt(region, BLOCK);
            region.decommit(BLOCK, BLOCK);
          }
          region.commit(BLOCK, BLOCK);
          assertThat(region.rx().get(ValueLayout.JAVA_INT, BLOCK)).isZero();
          region.decommit(BLOCK, BLOCK);
        });
    region.release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedReleaseDoesNotThrowAndGivesBackTheRestLater(CodeWriting way) {
    List<CodeRegion> reserved = new ArrayList<>();
    refuseEachCall(
        () -> {
          reserved.add(reserve(way));
          reserved.getLast().commit(0, BLOCK);
        },
        () -> reserved.getLast().release(),
        thrown -> assertThat(thrown).isFalse());
    reserve(way).release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  /// With the budget of holes used up a decommitted block stays accessible, until a commit around
  /// it is refused.
  @ParameterizedTest
  @MethodSource("ways")
  void aRefusedCommitOverMemoryThatStayedAccessibleLeavesNoneThatIsTakenForAccessible(
      CodeWriting way) {
    long blocks = 2L * HoleBudget.OF_PROCESS.most() + 8;
    ViewedRegion region =
        (ViewedRegion) new SystemCodeMemory(system.os, way, false).reserve(blocks * BLOCK);
    for (long block = 0; block < blocks - 8; block += 2) {
      region.commit(block * BLOCK, BLOCK);
    }
    long first = (blocks - 5) * BLOCK;
    for (int position = 0; position < MOST_CALLS; position++) {
      region.commit(first, 3 * BLOCK);
      region.decommit(first + BLOCK, BLOCK);
      region.decommit(first, BLOCK);
      int refusedBefore = system.calls.refusedCount();
      system.calls.refuseOnce(ENOMEM, position);
      boolean thrown = isRefused(() -> region.commit(first, 2 * BLOCK));
      boolean refused = system.calls.refusedCount() > refusedBefore;
      system.calls.refuseNothing();
      if (thrown) {
        region.commit(first + BLOCK, BLOCK);
        assertRunsAt(region, first + BLOCK);
        region.decommit(first + BLOCK, 2 * BLOCK);
      } else {
        region.decommit(first, 3 * BLOCK);
      }
      if (!refused) {
        break;
      }
    }
    region.release();
  }

  @Test
  void aRefusedDualMappingLeavesNothing() {
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);
    virtMem.hardenedRuntimeInfo();
    Supplier<Arena> kind = Arena::ofShared;
    Deque<Arena> arenas = new ArrayDeque<>();
    refuseEachCall(
        () -> arenas.push(kind.get()),
        () -> virtMem.allocDualMapping(BLOCK, Set.of(), arenas.element()),
        thrown -> {
          if (thrown) {
            assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
          }
          arenas.pop().close();
          assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
        });
  }

  private void assertRunsAt(CodeRegion region, long offset) {
    region.write(offset, system.code(42), CachePolicy.DEFAULT);
    assertThat(system.run(region.rx().asSlice(offset))).isEqualTo(42);
  }
}
