// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What several threads do at once has the same result as one after the other.
@OnLinux
@Timeout(120) // some actions would go on for ever if nothing were refused
class RacesIT {
  private static final int ROUNDS = 100;

  private final OwnedJitAllocator allocator =
      Services.allocator(
          USE_DUAL_MAPPING, USE_MULTIPLE_POOLS, FILL_UNUSED_MEMORY, IMMEDIATE_RELEASE);
  private final ExecutorService threads = Executors.newFixedThreadPool(3);
  private Span guard = allocator.alloc(64);

  @BeforeEach
  void writeGuard() {
    MachineCode.writeConstant(allocator, guard, 77);
  }

  @AfterEach
  void checkAndClose() {
    assertThat(MachineCode.run(allocator, guard)).isEqualTo(77);
    guard.close();
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
    assertThat(allocator.statistics().reservedBytes()).isZero();
    allocator.close();
    threads.close();
  }

  @Test
  void spanClosedByTwoThreadsEndsOnce() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Span span = allocator.alloc(256);
      Span neighbour = allocator.alloc(256);
      together(
          () -> {
            span.close();
            return true;
          },
          () -> {
            span.close();
            return true;
          });
      assertThat(span.isLive()).isFalse();
      assertThat(neighbour.isLive()).isTrue();
      assertThat(allocator.statistics().spanCount()).isEqualTo(2);
      neighbour.close();
    }
  }

  @Test
  void addressReleasedByTwoThreadsIsRefusedOnce() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Span span = allocator.alloc(256);
      MemorySegment rx = span.rx();
      List<Boolean> outcomes = together(() -> releases(rx), () -> releases(rx));
      assertThat(outcomes).containsExactlyInAnyOrder(true, false);
    }
  }

  @Test
  void oldHandleClosedWhileTheAddressIsReusedLeavesTheNewSpanLive() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Span old = allocator.alloc(256);
      List<Span> owners = new ArrayList<>();
      together(
          () -> {
            old.close();
            return owners.add(allocator.alloc(256));
          },
          () -> {
            old.close();
            return true;
          });
      assertThat(owners.getFirst().isLive()).isTrue();
      owners.getFirst().close();
    }
  }

  @Test
  void spanShrunkWhileItIsClosedIsGivenBackWhole() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Span span = allocator.alloc(1024);
      together(
          () -> {
            span.close();
            return true;
          },
          () -> succeeds(() -> allocator.shrink(span, 64)));
      assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
    }
  }

  @Test
  void groupClosedWhileSpansAreAllocatedInItLosesNone() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      CodeGroup group = allocator.openGroup();
      List<Span> spans = new ArrayList<>();
      together(
          () -> succeeds(() -> allocUntilRefused(() -> spans.add(group.alloc(100)))),
          () -> closeUntilAccepted(group::close));
      assertThat(spans).noneMatch(Span::isLive);
      assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker")
  void arenaClosedByAnotherThreadDuringAllocationLosesNoSpan() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Arena arena = Arena.ofShared();
      together(
          () -> succeeds(() -> allocUntilRefused(() -> allocator.alloc(100, arena))),
          () -> succeeds(() -> allocUntilRefused(() -> allocator.alloc(5000, arena))),
          () -> closeUntilAccepted(arena::close));
      assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    }
  }

  @Test
  void resetWhileOthersAllocateEndsWholeSpansOnly() throws Exception {
    try (OwnedJitAllocator own = Services.allocator(USE_DUAL_MAPPING, FILL_UNUSED_MEMORY)) {
      together(
          () -> allocAndClose(own, 1),
          () -> allocAndClose(own, 2),
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              own.reset(round % 2 == 0 ? ResetPolicy.SOFT : ResetPolicy.HARD);
            }
            return true;
          });
      assertThat(own.statistics().spanCount()).isZero();
      assertThat(own.statistics().usedBytes()).isZero();
    }
  }

  @Test
  void allocatorClosedWhileOthersAllocateRefusesTheRest() throws Exception {
    for (int round = 0; round < 50; round++) {
      OwnedJitAllocator own = Services.allocator(USE_DUAL_MAPPING);
      together(
          () -> succeeds(() -> allocUntilRefused(() -> own.alloc(100))),
          () -> succeeds(() -> allocUntilRefused(() -> own.alloc(70_000))),
          () -> {
            own.close();
            return true;
          });
      assertThat(own.statistics().spanCount()).isZero();
    }
  }

  @Test
  void threadsThatAllocateWriteAndReleaseNeverShareAByte() throws Exception {
    together(() -> churn(11), () -> churn(12), () -> churn(13));
  }

  private boolean churn(long seed) {
    Random random = new Random(seed);
    List<Span> live = new ArrayList<>();
    for (int step = 0; step < 5000; step++) {
      if (live.size() < 50 || random.nextBoolean()) {
        Span span = allocator.alloc(1 + random.nextInt(2000));
        allocator.write(span, seed, RacesIT::fillWith, CachePolicy.DEFAULT);
        live.add(span);
      } else {
        Span span = live.remove(random.nextInt(live.size()));
        checkHolds(span, seed);
        if (random.nextInt(4) == 0) {
          allocator.shrink(span, 1);
          checkHolds(span, seed);
        }
        span.close();
      }
    }
    live.forEach(span -> checkHolds(span, seed));
    live.forEach(Span::close);
    return true;
  }

  private static long fillWith(MemorySegment target, long seed) {
    for (long offset = 0; offset < target.byteSize(); offset += Long.BYTES) {
      target.set(JAVA_LONG, offset, seed);
    }
    return target.byteSize();
  }

  private static void checkHolds(Span span, long seed) {
    MemorySegment rx = span.rx();
    for (long offset = 0; offset < rx.byteSize(); offset += Long.BYTES) {
      if (rx.get(JAVA_LONG, offset) != seed) {
        throw new AssertionError("Span of %d is changed at %d".formatted(seed, offset));
      }
    }
  }

  private static boolean allocAndClose(OwnedJitAllocator allocator, long seed) {
    Random random = new Random(seed);
    List<Span> spans = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      spans.add(allocator.alloc(1 + random.nextInt(5000)));
      if (random.nextInt(3) == 0) {
        spans.remove(random.nextInt(spans.size())).close();
      }
    }
    spans.forEach(Span::close);
    return true;
  }

  private boolean releases(MemorySegment rx) {
    try {
      allocator.release(rx);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean succeeds(Runnable action) {
    try {
      action.run();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /// Repeats until an [IllegalStateException] comes.
  private static void allocUntilRefused(Runnable allocation) {
    while (true) {
      allocation.run();
    }
  }

  /// An arena refuses to close while another thread is using it.
  private static boolean closeUntilAccepted(Runnable close) {
    while (!succeeds(close)) {
      Thread.onSpinWait();
    }
    return true;
  }

  /// Runs actions at the same time, each on a thread of its own.
  @SafeVarargs
  private List<Boolean> together(Callable<Boolean>... actions) throws Exception {
    CyclicBarrier start = new CyclicBarrier(actions.length);
    List<Future<Boolean>> running = new ArrayList<>();
    for (Callable<Boolean> action : actions) {
      running.add(
          threads.submit(
              () -> {
                start.await();
                return action.call();
              }));
    }
    List<Boolean> outcomes = new ArrayList<>();
    for (Future<Boolean> each : running) {
      outcomes.add(each.get());
    }
    return outcomes;
  }
}
