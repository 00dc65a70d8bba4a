// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Large pages of each kind, in memory written in each way, on the system itself. Each test ends
/// with nothing mapped and the pool as it was.
class LargePagesTest {
  private static final int ENOMEM = 12;
  private static final int EFAULT = 14;
  static final int MAP_HUGETLB = 0x40000;

  private static final int MADV_POPULATE_READ = 22;
  private static final int MADV_POPULATE_WRITE = 23;
  private static final int MADV_COLLAPSE = 25;

  private final TestSystem system = new TestSystem();
  private final long large = system.os.facts().largePageSize();

  @BeforeEach
  void largePagesAreKnown() {
    assumeTrue(large > 0, "This kernel has no large pages");
  }

  @AfterEach
  void nothingIsLeftMapped() {
    system.requireNothingMapped();
  }

  /// Ways whose memory does not depend on a folder's file system.
  static CodeWriting[] ways() {
    return new CodeWriting[] {
      new CodeWriting.Direct(),
      new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS),
      new CodeWriting.DualMapped(Backing.MEMFD)
    };
  }

  private static PagePool pool(int count) {
    Optional<PagePool> pool = PagePool.withFree(count);
    assumeTrue(pool.isPresent(), "The pool of large pages cannot be changed");
    return pool.orElseThrow();
  }

  private static boolean isCollapse(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MADVISE) && arguments[2] == MADV_COLLAPSE;
  }

  static boolean isFromPool(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MMAP) && (arguments[3] & MAP_HUGETLB) != 0;
  }

  static boolean isPopulate(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MADVISE)
        && (arguments[2] == MADV_POPULATE_READ || arguments[2] == MADV_POPULATE_WRITE);
  }

  private static boolean isPopulateRead(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MADVISE) && arguments[2] == MADV_POPULATE_READ;
  }

  /// Whether this kernel makes large pages without a pool, tried in memory of another kind.
  private boolean makesLargePages() {
    long address = system.os.reserve(large, large, AddressWindow.ANYWHERE);
    system.os.commit(address, large, MemoryAccess.RWX);
    system.os.preferLargePage(address);
    boolean made = system.os.largePageBytes(address, large) == large;
    system.os.unreserve(address, large);
    return made;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void largePagesComeByAdviceAndAreReported(CodeWriting way) {
    assumeTrue(makesLargePages(), "This kernel makes no large pages of normal memory");
    CodeMemory memory = new SystemCodeMemory(system.os, way, true);
    ViewedRegion region = (ViewedRegion) memory.reserve(4 * large);
    region.commit(large, large);
    region.commit(2 * large, large / 2);
    assertThat(region.executedAddress(0) % large).isZero();
    assertThat(region.writtenAddress(0) % large).isZero();
    assertThat(region.largePageBytes()).isEqualTo(large);
    assertThat(system.runs(region, large)).isTrue();
    region.decommit(large, large);
    assertThat(region.largePageBytes()).isZero();
    region.release();
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user does not pass on the figures and flags of /proc/self/smaps")
  @ParameterizedTest
  @MethodSource("ways")
  void largePagesOfThePoolAreTakenAndGivenBack(CodeWriting way) {
    try (PagePool pool = pool(2)) {
      system.calls.refuse(ENOMEM, LargePagesTest::isCollapse);
      CodeMemory memory = new SystemCodeMemory(system.os, way, true);
      assertThat(memory.pageSize()).isEqualTo(large);
      ViewedRegion region = (ViewedRegion) memory.reserve(4 * large);
      region.commit(large, large);
      assertThat(region.largePageBytes()).isEqualTo(large);
      assertThat(ProcessMaps.flagsAt(region.executedAddress(large))).contains("ht");
      assertThat(ProcessMaps.flagsAt(region.writtenAddress(large))).contains("ht");
      boolean direct = way instanceof CodeWriting.Direct;
      assertThat(ProcessMaps.accessTo(region.executedAddress(large), large))
          .isEqualTo(direct ? "rwxp" : "r-xs");
      assertThat(ProcessMaps.accessTo(region.writtenAddress(large), large))
          .isEqualTo(direct ? "rwxp" : "rw-s");
      assertThat(system.runs(region, large)).isTrue();
      assertThat(system.runs(region, 2 * large - 64)).isTrue();
      region.decommit(large, large);
      assertThat(region.largePageBytes()).isZero();
      region.commit(large, large);
      assertThat(region.rx().get(ValueLayout.JAVA_LONG, large)).isZero();
      assertThat(region.largePageBytes()).isEqualTo(large);
      region.release();
      assertThat(pool).isNotNull();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatThePoolDoesNotHaveIsOfNormalPages(CodeWriting way) {
    try (PagePool pool = pool(2)) {
      CodeMemory memory = new SystemCodeMemory(system.os, way, true);
      ViewedRegion region = (ViewedRegion) memory.reserve(4 * large);
      system.calls.refuse(
          ENOMEM,
          (function, arguments) ->
              isCollapse(function, arguments) || isFromPool(function, arguments));
      region.commit(large, large);
      assertThat(ProcessMaps.flagsAt(region.executedAddress(large))).doesNotContain("ht");
      assertThat(system.runs(region, large)).isTrue();
      system.calls.refuse(EFAULT, LargePagesTest::isPopulate);
      region.commit(2 * large, large);
      assertThat(ProcessMaps.flagsAt(region.executedAddress(2 * large))).doesNotContain("ht");
      assertThat(ProcessMaps.flagsAt(region.writtenAddress(2 * large))).doesNotContain("ht");
      assertThat(system.runs(region, 2 * large)).isTrue();
      region.release();
      assertThat(pool).isNotNull();
    }
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_REMOVE and does nothing")
  @Test
  void pagesThatWereTakenForNothingGoBackToThePool() {
    try (PagePool pool = pool(2)) {
      CodeWriting way = new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS);
      ViewedRegion region =
          (ViewedRegion) new SystemCodeMemory(system.os, way, true).reserve(4 * large);
      system.calls.refuse(EFAULT, LargePagesTest::isPopulateRead);
      region.commit(0, 2 * large);
      assertThat(system.os.hasPooledLargePages()).isTrue();
      system.calls.refuseNothing();
      region.commit(2 * large, 2 * large);
      system.calls.refuse(
          ENOMEM,
          (function, arguments) ->
              isPopulateRead(function, arguments) || isFromPool(function, arguments));
      region.commit(2 * large, 2 * large);
      assertThat(system.os.hasPooledLargePages()).isTrue();
      assertThat(system.runs(region, 0)).isTrue();
      assertThat(system.runs(region, 2 * large)).isTrue();
      region.release();
      assertThat(pool).isNotNull();
    }
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user does not pass on the figures and flags of /proc/self/smaps")
  @Test
  void dualMappingsConsistOfPagesOfThePool() {
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);
    Set<MapOption> options = Set.of(MapOption.LARGE_PAGES);
    try (PagePool pool = pool(2);
        Arena arena = Arena.ofConfined()) {
      DualMapping views = virtMem.allocDualMapping(large, options, arena);
      assertThat(ProcessMaps.flagsAt(views.rx().address())).contains("ht");
      views.rw().copyFrom(system.code(5));
      assertThat(system.run(views.rx())).isEqualTo(5);
      MemorySegment pages = virtMem.alloc(large, MemoryAccess.RWX, options, arena);
      assertThat(system.os.largePageBytes(pages.address(), large)).isEqualTo(large);
      assertThat(pool).isNotNull();
    }
  }

  @Test
  void anEmptyPoolIsNamedWhicheverWayItIsAsked() {
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);
    Set<MapOption> options = Set.of(MapOption.LARGE_PAGES);
    system.calls.refuse(ENOMEM, LargePagesTest::isFromPool);
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> virtMem.alloc(large, MemoryAccess.RWX, options, arena))
          .isInstanceOf(VirtMemException.class)
          .hasMessageContaining("vm.nr_hugepages");
      assertThatThrownBy(() -> virtMem.allocDualMapping(large, options, arena))
          .isInstanceOf(VirtMemException.class)
          .hasMessageContaining("vm.nr_hugepages");
    }
  }

  @Test
  void withoutFreePagesInThePoolBlocksStaySmall() {
    CodeMemory memory =
        new SystemCodeMemory(system.os, new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS), true);
    assertThat(memory.largePageSize()).isEqualTo(large);
    assertThat(memory.pageSize())
        .isEqualTo(system.os.hasPooledLargePages() ? large : system.os.facts().pageSize());
  }

  @Test
  void codeThatIsSealedIsWrittenBySmallPages() {
    try (PagePool pool = pool(1)) {
      CodeMemory memory = new SystemCodeMemory(system.os, new CodeWriting.WriteThenSeal(), true);
      assertThat(memory.largePageSize()).isEqualTo(large);
      assertThat(memory.pageSize()).isEqualTo(system.os.facts().pageSize());
      assertThat(pool).isNotNull();
    }
  }

  /// Refuses each call of a commit from the pool, and of the release, in turn.
  @ParameterizedTest
  @MethodSource("ways")
  void refusedCallsLeaveMemoryThatWorksAndNothingBehind(CodeWriting way) {
    try (PagePool pool = pool(1)) {
      boolean refused = true;
      for (int position = 0; refused; position++) {
        CodeRegion region = new SystemCodeMemory(system.os, way, true).reserve(large);
        int before = system.calls.refusedCount();
        system.calls.refuseOnce(ENOMEM, position);
        try {
          region.commit(0, large);
        } catch (VirtMemException e) {
          system.calls.refuseNothing();
          assertThat(ProcessMaps.accessTo(region.rx().address(), large)).isEqualTo("---p");
          region.commit(0, large);
        }
        refused = system.calls.refusedCount() > before;
        system.calls.refuseNothing();
        assertThat(system.runs(region, 0)).isTrue();
        region.release();
        assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
      }
      assertThat(pool).isNotNull();
    }
  }
}
