// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.linux.LinuxOs;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Memory near an anchor, on the system itself. Each test ends with nothing mapped.
class PlacementTest {
  private static final int EEXIST = 17;
  private static final long PAGE = 4096;
  private static final long MIB = 1L << 20;

  /// mmap(2), asm-generic/mman-common.h.
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  /// An address far from those that the system chooses itself, so that nothing else is mapped
  /// there.
  private static final MemorySegment REMOTE = MemorySegment.ofAddress(0x1000_0000_0000L);

  private final TestSystem system = new TestSystem();
  private final DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);

  @AfterEach
  void nothingIsLeftMapped() {
    system.requireNothingMapped();
  }

  static CodeWriting[] ways() {
    return TestSystem.allWays();
  }

  private CodeMemory memory(CodeWriting way) {
    return new SystemCodeMemory(system.os, way, false);
  }

  private static MemorySegment libraryFunction(String name) {
    return Linker.nativeLinker().defaultLookup().find(name).orElseThrow();
  }

  /// A C function `int f(void)` that calls one that takes a number: `mov edi, argument; sub rsp, 8;
  /// call target; add rsp, 8; ret`. The call is by a displacement of 32 bits.
  private static MemorySegment callOf(MemorySegment target, int argument, MemorySegment at) {
    ByteBuffer code = ByteBuffer.allocate(19).order(ByteOrder.LITTLE_ENDIAN);
    code.put((byte) 0xBF).putInt(argument).put(new byte[] {0x48, (byte) 0x83, (byte) 0xEC, 8});
    long next = at.address() + code.position() + 5;
    code.put((byte) 0xE8).putInt(Math.toIntExact(target.address() - next));
    code.put(new byte[] {0x48, (byte) 0x83, (byte) 0xC4, 8, (byte) 0xC3});
    return MemorySegment.ofArray(code.array());
  }

  @ParameterizedTest
  @MethodSource("ways")
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void codeNearALibraryCallsItByADisplacement(CodeWriting way) {
    MemorySegment abs = libraryFunction("abs");
    Vicinity vicinity = Vicinity.of(abs);
    for (long byteSize : new long[] {PAGE, 64 * MIB}) {
      CodeRegion region = memory(way).reserveNear(byteSize, vicinity);
      assertThat(region.rx().address() % CodeMemory.REGION_ALIGNMENT).isZero();
      assertThat(vicinity.contains(region.rx())).isTrue();
      long last = byteSize - PAGE;
      region.commit(last, PAGE);
      region.write(last, callOf(abs, -42, region.rx().asSlice(last)), CachePolicy.DEFAULT);
      assertThat(system.run(region.rx().asSlice(last))).isEqualTo(42);
      region.release();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void codeOfOneRegionCallsCodeOfAnotherOneByADisplacement(CodeWriting way) {
    CodeRegion called = memory(way).reserve(PAGE);
    called.commit(0, PAGE);
    called.write(0, system.code(7), CachePolicy.DEFAULT);
    CodeRegion calling = memory(way).reserveNear(64 * MIB, Vicinity.of(called.rx()));
    calling.commit(0, PAGE);
    calling.write(0, callOf(called.rx(), 0, calling.rx()), CachePolicy.DEFAULT);
    assertThat(system.run(calling.rx())).isEqualTo(7);
    called.release();
    calling.release();
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void pagesAndBothKindsOfMappingsArePlaced() {
    MemorySegment abs = libraryFunction("abs");
    Vicinity vicinity = new Vicinity(abs, 1L << 30);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages =
          virtMem.alloc(3 * PAGE + 1, MemoryAccess.RWX, Set.of(), vicinity, arena);
      assertThat(vicinity.contains(pages)).isTrue();
      pages.copyFrom(callOf(abs, -3, pages));
      assertThat(system.run(pages)).isEqualTo(3);
      DualMapping views =
          virtMem.allocDualMapping(PAGE + 1, Set.of(MapOption.SHARED), vicinity, arena);
      assertThat(vicinity.contains(views.rx())).isTrue();
      views.rw().copyFrom(callOf(abs, -4, views.rx()));
      assertThat(system.run(views.rx())).isEqualTo(4);
    }
  }

  @Test
  void aVicinityIsFilledToTheLastPageAndThenRefused() {
    Vicinity vicinity = new Vicinity(REMOTE, 4 * PAGE - 1);
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 7; i++) {
        MemorySegment page = virtMem.alloc(PAGE, MemoryAccess.RW, Set.of(), vicinity, arena);
        assertThat(page.address() - REMOTE.address()).isBetween(-3 * PAGE, 3 * PAGE);
      }
      assertThatThrownBy(() -> virtMem.alloc(1, MemoryAccess.RW, Set.of(), vicinity, arena))
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY);
                assertThat(e)
                    .hasMessageContaining("0x" + Long.toHexString(REMOTE.address() - 4 * PAGE + 1))
                    .hasMessageContaining("0x" + Long.toHexString(REMOTE.address() + 4 * PAGE))
                    .hasMessageContaining("greater reach");
              });
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRegionThatHasNoRoomLeavesNothingAndASmallerOneHas(CodeWriting way) {
    Vicinity vicinity = new Vicinity(REMOTE, 7 * MIB);
    String before = system.calls.balance();
    assertThatThrownBy(() -> memory(way).reserveNear(16 * MIB, vicinity))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY));
    assertThat(system.calls.balance()).isEqualTo(before);
    CodeRegion region = memory(way).reserveNear(8 * MIB, vicinity);
    assertThat(vicinity.contains(region.rx())).isTrue();
    region.release();
  }

  @Test
  void lowAddressesFitIn32Bits() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment low =
          virtMem.alloc(PAGE, MemoryAccess.RW, Set.of(), Vicinity.of(MemorySegment.NULL), arena);
      assertThat(low.address()).isBetween(64 * 1024L, (1L << 31) - 16);
      low.set(ValueLayout.JAVA_INT, 0, 1);
    }
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user does not list its own mappings, which lie in gaps near libraries")
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void othersWhoAreFasterDoNoHarm(int faster) {
    Vicinity vicinity = Vicinity.of(libraryFunction("abs"));
    int[] left = {faster};
    system.calls.refuse(
        EEXIST, (function, arguments) -> isPlacing(function, arguments) && left[0]-- > 0);
    CodeRegion region = memory(new CodeWriting.Direct()).reserveNear(MIB, vicinity);
    assertThat(system.calls.refusedCount()).isEqualTo(faster);
    assertThat(vicinity.contains(region.rx())).isTrue();
    region.release();
  }

  private static boolean isPlacing(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MMAP) && (arguments[3] & MAP_FIXED_NOREPLACE) != 0;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void othersWhoAreAlwaysFasterEndTheSearch(CodeWriting way) {
    system.calls.refuse(EEXIST, PlacementTest::isPlacing);
    assertThatThrownBy(() -> memory(way).reserveNear(MIB, Vicinity.of(libraryFunction("abs"))))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY);
              assertThat(e).hasMessageContaining("at the same time");
            });
  }

  /// The first one waits with its place chosen until the other one has chosen, too, or waits.
  @Test
  @Timeout(60)
  void threadsThatPlaceMemoryNearTheSameAnchorNeverChooseTheSamePlace() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger arrived = new AtomicInteger();
    List<Thread> threads = new CopyOnWriteArrayList<>();
    NativeCalls calls =
        (function, arguments) -> {
          if (isPlacing(function, arguments)) {
            arrived.incrementAndGet();
            while (arrived.get() == 1 && isOtherAtWork(threads)) {
              Thread.onSpinWait();
            }
          }
          NativeCalls.Result result = system.calls.call(function, arguments);
          if (isPlacing(function, arguments) && result.error() == EEXIST) {
            taken.incrementAndGet();
          }
          return result;
        };
    for (int i = 0; i < 2; i++) {
      Os os = new LinuxOs(calls, TestSystem.PROCESSOR, MappingLog.NONE);
      CodeMemory memory = new SystemCodeMemory(os, new CodeWriting.Direct(), false);
      threads.add(
          Thread.ofPlatform()
              .unstarted(() -> memory.reserveNear(MIB, Vicinity.of(REMOTE)).release()));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(arrived).hasValue(2);
    assertThat(taken).hasValue(0);
  }

  private static boolean isOtherAtWork(List<Thread> threads) {
    return threads.stream()
        .filter(thread -> thread != Thread.currentThread())
        .map(Thread::getState)
        .anyMatch(state -> state == Thread.State.NEW || state == Thread.State.RUNNABLE);
  }

  @Test
  void aKernelThatTakesAddressesForHintsOnlyIsNoticed() {
    NativeCalls old =
        (function, arguments) -> {
          long[] known = arguments.clone();
          if (isPlacing(function, arguments)) {
            known[0] = 0;
            known[3] &= ~MAP_FIXED_NOREPLACE;
          }
          return system.calls.call(function, known);
        };
    Os os = new LinuxOs(old, TestSystem.PROCESSOR, MappingLog.NONE);
    CodeMemory memory = new SystemCodeMemory(os, new CodeWriting.Direct(), false);
    assertThatThrownBy(() -> memory.reserveNear(MIB, Vicinity.of(REMOTE)))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContaining("at the same time");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void guardsStandBeforeAndAfterEachViewAndGoWithIt(CodeWriting way) {
    for (Vicinity vicinity : new Vicinity[] {null, Vicinity.of(REMOTE)}) {
      CodeMemory memory = memory(way);
      CodeRegion reserved =
          vicinity == null ? memory.reserve(MIB) : memory.reserveNear(MIB, vicinity);
      ViewedRegion region = (ViewedRegion) reserved;
      region.commit(0, MIB);
      for (long view : new long[] {region.executedAddress(0), region.writtenAddress(0)}) {
        assertThat(ProcessMaps.accessTo(view - PAGE, PAGE)).isEqualTo("---p");
        assertThat(ProcessMaps.accessTo(view + MIB, PAGE)).isEqualTo("---p");
      }
      region.release();
      assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
    }
  }
}
