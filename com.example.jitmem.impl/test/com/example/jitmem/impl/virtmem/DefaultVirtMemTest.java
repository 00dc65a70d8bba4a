// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.GarbageCollection;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Arguments, arenas and refusals of the service. Each test ends with nothing mapped.
class DefaultVirtMemTest {
  private static final long PAGE = 4096;

  private final TestSystem system = new TestSystem();
  private final DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);

  @AfterEach
  void nothingIsLeftMapped() {
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  /// The two ways to get memory: the writable segment of each.
  static List<Allocation> allocations() {
    return List.of(
        (virtMem, size, options, arena) -> virtMem.alloc(size, MemoryAccess.RW, options, arena),
        (virtMem, size, options, arena) -> virtMem.allocDualMapping(size, options, arena).rw());
  }

  interface Allocation {
    MemorySegment in(DefaultVirtMem virtMem, long size, Set<MapOption> options, Arena arena);
  }

  /// An arena that the test closes at a moment of its own.
  private static Arena opened(Supplier<Arena> kind) {
    return kind.get();
  }

  private MemorySegment alloc(long size, Arena arena) {
    return virtMem.alloc(size, MemoryAccess.RW, Set.of(), arena);
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void sizesNeedNotBeWholePages(Allocation allocation) {
    for (long size : new long[] {1, PAGE - 1, PAGE, PAGE + 1}) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = allocation.in(virtMem, size, Set.of(), arena);
        assertThat(memory.byteSize()).isEqualTo(size);
        assertThat(memory.address() % PAGE).isZero();
        assertThat(memory.get(ValueLayout.JAVA_BYTE, size - 1)).isZero();
        memory.fill((byte) 1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void sizesThatAreNoneAreRefused(Allocation allocation) {
    try (Arena arena = Arena.ofConfined()) {
      for (long size : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> allocation.in(virtMem, size, Set.of(), arena))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(String.valueOf(size));
      }
      long large = virtMem.largePageSize().orElse(PAGE);
      assertThatThrownBy(
              () -> allocation.in(virtMem, large + 1, Set.of(MapOption.LARGE_PAGES), arena))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void sizesThatTheSystemHasNotAreRefusedByIt(Allocation allocation) {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> allocation.in(virtMem, 1L << 60, Set.of(), arena))
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY));
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void closedArenasAndThoseOfOtherThreadsAreRefusedBeforeAnythingIsMapped(Allocation allocation)
      throws Exception {
    virtMem.hardenedRuntimeInfo();
    int made = system.calls.made().size();
    for (Arena closed : List.of(opened(Arena::ofConfined), opened(Arena::ofShared))) {
      closed.close();
      assertThatThrownBy(() -> allocation.in(virtMem, PAGE, Set.of(), closed))
          .isInstanceOf(IllegalStateException.class);
    }
    Arena foreign = CompletableFuture.supplyAsync(Arena::ofConfined).get();
    assertThatThrownBy(() -> allocation.in(virtMem, PAGE, Set.of(), foreign))
        .isInstanceOf(WrongThreadException.class);
    assertThat(system.calls.made()).hasSize(made);
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void anArenaThatClosesMeanwhileLeavesNothingMapped(Allocation allocation) {
    virtMem.hardenedRuntimeInfo();
    Arena arena = opened(Arena::ofShared);
    system.calls.refuse(
        0,
        (function, arguments) -> {
          if (function.name().equals("mmap") && arena.scope().isAlive()) {
            arena.close();
          }
          return false;
        });
    assertThatThrownBy(() -> allocation.in(virtMem, PAGE, Set.of(), arena))
        .isInstanceOf(IllegalStateException.class);
  }

  /// An arena that stands for one that the JVM has no memory for at some moment.
  private static final class ShortArena implements Arena {
    private final Arena arena = opened(Arena::ofShared);
    private int asked;
    private int shortage = Integer.MAX_VALUE;

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MemorySegment.Scope scope() {
      if (asked++ == shortage) {
        throw new OutOfMemoryError("For a test");
      }
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void errorsOfTheJvmLeaveNothingMapped(Allocation allocation) {
    int most;
    try (ShortArena arena = new ShortArena()) {
      allocation.in(virtMem, PAGE, Set.of(), arena);
      most = arena.asked;
    }
    assertThat(most).isGreaterThan(2);
    for (int shortage = 0; shortage < most; shortage++) {
      try (ShortArena arena = new ShortArena()) {
        arena.shortage = shortage;
        assertThatThrownBy(() -> allocation.in(virtMem, PAGE, Set.of(), arena))
            .isInstanceOf(OutOfMemoryError.class);
      }
      assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  @Timeout(60)
  void memoryOfAnAutomaticArenaIsUnmappedOnceUnreachable(Allocation allocation) {
    allocation.in(virtMem, PAGE, Set.of(), Arena.ofAuto());
    GarbageCollection.repeatUntil(() -> system.calls.heldCount() == 0);
    assertThat(system.calls.heldCount()).isZero();
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void closingNeverThrowsEvenWhereTheSystemRefuses(Allocation allocation) {
    Arena arena = opened(Arena::ofShared);
    MemorySegment memory = allocation.in(virtMem, PAGE, Set.of(), arena);
    system.calls.refuse(12, TestSystem.named("munmap"));
    arena.close();
    system.calls.refuseNothing();
    assertThat(memory.scope().isAlive()).isFalse();
    assertThat(system.calls.heldCount()).isPositive();
    system.calls.giveBackAll();
  }

  @Test
  void nullsAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      List<Runnable> calls =
          List.of(
              () -> virtMem.alloc(PAGE, nothing(), Set.of(), arena),
              () -> virtMem.alloc(PAGE, MemoryAccess.RW, Set.of(), (Vicinity) nothing(), arena),
              () -> virtMem.allocDualMapping(PAGE, Set.of(), (Vicinity) nothing(), arena),
              () -> virtMem.alloc(PAGE, MemoryAccess.RW, nothing(), arena),
              () -> virtMem.alloc(PAGE, MemoryAccess.RW, Set.of(), nothing()),
              () -> virtMem.allocDualMapping(PAGE, nothing(), arena),
              () -> virtMem.allocDualMapping(PAGE, Set.of(), nothing()),
              () -> virtMem.protect(nothing(), MemoryAccess.RW),
              () -> virtMem.protect(alloc(PAGE, arena), nothing()),
              () -> virtMem.flushInstructionCache(nothing()),
              () -> virtMem.protectJitMemory(nothing()),
              () -> virtMem.openReadWriteScope(nothing(), CachePolicy.DEFAULT),
              () -> virtMem.openReadWriteScope(alloc(PAGE, arena), nothing()));
      calls.forEach(call -> assertThatNullPointerException().isThrownBy(call::run));
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  /// What is no memory of the service, or no such part, made from memory of an arena.
  private List<MemorySegment> foreignSegments(MemorySegment memory, Arena arena) {
    MemorySegment address = MemorySegment.ofAddress(memory.address());
    return List.of(
        MemorySegment.ofArray(new byte[16]),
        MemorySegment.NULL,
        arena.allocate(PAGE, PAGE),
        address.reinterpret(PAGE),
        address.reinterpret(PAGE, Arena.ofAuto(), null),
        memory.asSlice(0, 0),
        memory.reinterpret(memory.byteSize() + PAGE));
  }

  @Test
  void onlyMemoryOfTheServiceIsProtected() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(2 * PAGE, arena);
      DualMapping views = virtMem.allocDualMapping(PAGE, Set.of(), arena);
      int made = system.calls.made().size();
      Consumer<MemorySegment> refused =
          segment ->
              assertThatThrownBy(() -> virtMem.protect(segment, MemoryAccess.NONE))
                  .isInstanceOf(IllegalArgumentException.class);
      foreignSegments(memory, arena).forEach(refused);
      refused.accept(memory.asSlice(64));
      refused.accept(views.rx());
      refused.accept(views.rw());
      refused.accept(new DefaultVirtMem().alloc(PAGE, MemoryAccess.RW, Set.of(), arena));
      assertThat(system.calls.made()).hasSize(made);
    }
  }

  @Test
  void onlyWritableMemoryOfTheServiceIsWritten() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(3 * PAGE, arena);
      DualMapping views = virtMem.allocDualMapping(PAGE, Set.of(), arena);
      Function<MemorySegment, ProtectJitReadWriteScope> open =
          segment -> virtMem.openReadWriteScope(segment, CachePolicy.DEFAULT);
      Consumer<MemorySegment> refused =
          segment ->
              assertThatThrownBy(() -> open.apply(segment))
                  .isInstanceOf(IllegalArgumentException.class);
      foreignSegments(memory, arena).forEach(refused);
      refused.accept(views.rx());
      refused.accept(memory.asReadOnly());
      refused.accept(virtMem.alloc(PAGE, MemoryAccess.RX, Set.of(), arena));
      virtMem.protect(memory.asSlice(PAGE, PAGE), MemoryAccess.RX);
      refused.accept(memory);
      refused.accept(memory.asSlice(PAGE - 1, 2));
      refused.accept(memory.asSlice(2 * PAGE - 1, 2));
      open.apply(memory.asSlice(0, PAGE)).close();
      open.apply(memory.asSlice(2 * PAGE)).close();
      virtMem.protect(memory.asSlice(PAGE, PAGE), MemoryAccess.RW);
      open.apply(memory).close();
    }
  }

  @Test
  void segmentsOfClosedArenasAndOtherThreadsAreRefused() throws Exception {
    Arena closed = opened(Arena::ofShared);
    MemorySegment dead = alloc(PAGE, closed);
    closed.close();
    List<Consumer<MemorySegment>> calls =
        List.of(
            segment -> virtMem.protect(segment, MemoryAccess.RX),
            virtMem::flushInstructionCache,
            segment -> virtMem.openReadWriteScope(segment, CachePolicy.DEFAULT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment confined = alloc(PAGE, arena);
      for (Consumer<MemorySegment> call : calls) {
        assertThatThrownBy(() -> call.accept(dead)).isInstanceOf(IllegalStateException.class);
        CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(() -> call.accept(confined));
        assertThatThrownBy(elsewhere::get).hasCauseInstanceOf(WrongThreadException.class);
      }
    }
  }

  @Test
  void codeOnTheHeapCannotBeFlushed() {
    assertThatThrownBy(() -> virtMem.flushInstructionCache(MemorySegment.ofArray(new byte[4])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWriteScopeChecksBoundsOwnerAndEnd() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = alloc(PAGE, arena);
      MemorySegment source = MemorySegment.ofArray(new byte[] {1, 2, 3});
      ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(memory.asSlice(16, 16), CachePolicy.DEFAULT);
      scope.write(13, source);
      for (long offset : new long[] {-1, 14, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> scope.write(offset, source))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      for (Runnable call : List.<Runnable>of(() -> scope.write(0, source), scope::close)) {
        assertThatThrownBy(CompletableFuture.runAsync(call)::get)
            .hasCauseInstanceOf(WrongThreadException.class);
      }
      scope.close();
      scope.close();
      assertThatThrownBy(() -> scope.write(0, source)).isInstanceOf(IllegalStateException.class);
      assertThat(memory.asSlice(16, 17).toArray(ValueLayout.JAVA_BYTE))
          .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0);
    }
  }

  @Test
  void aScopeThatOutlivesItsMemoryCanBeClosed() {
    Arena arena = opened(Arena::ofShared);
    ProtectJitReadWriteScope scope =
        virtMem.openReadWriteScope(alloc(PAGE, arena), CachePolicy.DEFAULT);
    arena.close();
    assertThatThrownBy(() -> scope.write(0, MemorySegment.ofArray(new byte[1])))
        .isInstanceOf(IllegalStateException.class);
    scope.close();
  }

  @Test
  void sharedMemoryIsMappedShared() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(PAGE, MemoryAccess.RW, Set.of(MapOption.SHARED), arena);
      assertThat(ProcessMaps.accessTo(memory.address(), PAGE)).isEqualTo("rw-s");
    }
  }

  @ParameterizedTest
  @MethodSource("allocations")
  void largePagesAreGivenOrRefusedWithTheErrorOfTheSystem(Allocation allocation) {
    try (Arena arena = Arena.ofConfined()) {
      long large = virtMem.largePageSize().orElse(PAGE);
      allocation.in(virtMem, large, Set.of(MapOption.LARGE_PAGES), arena).fill((byte) 1);
    } catch (VirtMemException e) {
      assertThat(e.getMessage()).containsAnyOf("vm.nr_hugepages", "no large pages", "RLIMIT");
    }
  }

  @Test
  void infoIsAlwaysTheSame() {
    assertThat(virtMem.info()).isEqualTo(new DefaultVirtMem().info());
    assertThat(virtMem.info().pageSize()).isEqualTo(PAGE);
    assertThat(virtMem.info().pageGranularity()).isEqualTo(16 * PAGE);
  }
}
