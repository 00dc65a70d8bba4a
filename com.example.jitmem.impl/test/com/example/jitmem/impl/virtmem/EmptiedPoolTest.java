// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressRange;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.linux.LinuxOs;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.testing.OnLinux;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Regions with a pool of large pages that others empty, on normal memory that pretends to be of
/// the pool: the pool may have no pages here. Each test ends with nothing mapped.
class EmptiedPoolTest {
  private static final int ENOMEM = 12;
  private static final int EFAULT = 14;

  /// All flags but `MFD_HUGETLB` and the size of its pages, memfd_create(2).
  private static final long MFD_WITHOUT_HUGETLB = 0x3FFFFFB;

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

  /// The system with the pretended pool.
  ///
  /// @param watcher sees all calls as they were meant
  private Os pretended(BiConsumer<CFunction, long[]> watcher) {
    NativeCalls calls =
        (function, arguments) -> {
          watcher.accept(function, arguments);
          long[] normal = arguments.clone();
          switch (function.name()) {
            case "memfd_create" -> normal[1] &= MFD_WITHOUT_HUGETLB;
            case "mmap" -> normal[3] &= ~LargePagesTest.MAP_HUGETLB;
            default -> {}
          }
          return system.calls.call(function, normal);
        };
    return new LinuxOs(calls, TestSystem.PROCESSOR, MappingLog.NONE);
  }

  @Test
  void pagesOfThePoolTakeNoSpaceInTheFileInWhosePlaceTheyAre() {
    List<AddressRange> setAside = new ArrayList<>();
    Os os =
        pretended(
            (function, arguments) -> {
              if (function.name().equals("posix_fallocate")) {
                setAside.add(new AddressRange(arguments[1], arguments[1] + arguments[2]));
              }
            });
    SharedMemory file = os.createShared(Backing.TEMPORARY_FILE, 4 * large, false);
    DualRegion region =
        DualRegion.reserve(os, file, large, AddressWindow.ANYWHERE, LargePages.Source.POOL);
    region.commit(0, large);
    region.commit(large, large);
    assertThat(setAside).isEmpty();
    system.calls.refuse(EFAULT, LargePagesTest::isPopulate);
    region.commit(2 * large, large);
    assertThat(setAside).containsExactly(new AddressRange(2 * large, 3 * large));
    system.calls.refuseNothing();
    region.commit(3 * large, large);
    setAside.clear();

    region.commit(0, 4 * large);
    assertThat(setAside).containsExactly(new AddressRange(2 * large, 3 * large));
    region.decommit(0, large);
    region.commit(0, large / 2);
    region.commit(large / 2, large / 2);
    setAside.clear();

    region.commit(0, large);
    assertThat(setAside).containsExactly(new AddressRange(0, large));
    region.release();
  }

  private static boolean isMapping(CFunction function) {
    return function.equals(PosixMemory.MMAP) || function.name().equals("mremap");
  }

  private ViewedRegion pooledRegion(Os os, CodeWriting way, long byteSize) {
    if (!(way instanceof CodeWriting.DualMapped(Backing backing))) {
      return DirectRegion.reserve(
          os, byteSize, large, AddressWindow.ANYWHERE, LargePages.Source.POOL);
    }
    SharedMemory memory = os.createShared(backing, byteSize, false);
    return DualRegion.reserve(os, memory, large, AddressWindow.ANYWHERE, LargePages.Source.POOL);
  }

  /// Commits three large pages, and gives the middle one back as if there were too many holes.
  private void commitAroundKeptAddresses(ViewedRegion region) {
    for (long offset = 0; offset < 3 * large; offset += large) {
      region.commit(offset, large);
    }
    HoleBudget.OF_PROCESS.add(HoleBudget.OF_PROCESS.most(), 0);
    try {
      region.decommit(large, large);
    } finally {
      HoleBudget.OF_PROCESS.add(-HoleBudget.OF_PROCESS.most(), 0);
    }
    assertThat(region.accessible().contains(0, 3 * large)).isTrue();
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_REMOVE and does nothing")
  @ParameterizedTest
  @MethodSource("com.example.jitmem.impl.virtmem.LargePagesTest#ways")
  void memoryThatKeptItsAddressesIsOfNormalPagesOnceThePoolIsEmpty(CodeWriting way) {
    Set<Long> pooled = new TreeSet<>();
    Os os =
        pretended(
            (function, arguments) -> {
              if (LargePagesTest.isFromPool(function, arguments)) {
                pooled.add(arguments[0]);
              } else if (isMapping(function)) {
                pooled.remove(arguments[function.equals(PosixMemory.MMAP) ? 0 : 4]);
              }
            });
    ViewedRegion region = pooledRegion(os, way, 4 * large);
    commitAroundKeptAddresses(region);
    assertThat(pooled).contains(region.executedAddress(large), region.writtenAddress(large));
    system.calls.refuse(EFAULT, LargePagesTest::isPopulate);
    region.commit(large, large);
    assertThat(pooled)
        .doesNotContain(region.executedAddress(large), region.writtenAddress(large))
        .contains(region.executedAddress(0), region.writtenAddress(0));
    assertThat(system.runs(region, large)).isTrue();
    region.decommit(large, large);
    region.commit(large, large);
    assertThat(region.rx().get(ValueLayout.JAVA_LONG, large)).isZero();
    assertThat(system.runs(region, large)).isTrue();
    region.release();
  }

  @ParameterizedTest
  @MethodSource("com.example.jitmem.impl.virtmem.LargePagesTest#ways")
  void whereNormalPagesAreRefusedTooTheRangeIsInaccessibleUntilTheyAreNot(CodeWriting way) {
    ViewedRegion region = pooledRegion(pretended((function, arguments) -> {}), way, 4 * large);
    commitAroundKeptAddresses(region);
    int[] mappings = {0};
    system.calls.refuse(
        ENOMEM,
        (function, arguments) ->
            LargePagesTest.isPopulate(function, arguments)
                || (isMapping(function)
                    && arguments[0] != 0
                    && (arguments[2] & PosixMemory.PROT_EXEC) != 0)
                || (function.name().equals("mremap") && mappings[0]++ == 0));
    assertThatThrownBy(() -> region.commit(large, large)).isInstanceOf(VirtMemException.class);
    system.calls.refuseNothing();
    assertThat(region.accessible().contains(large, large)).isFalse();
    assertThat(region.accessible().contains(0, large)).isTrue();
    assertThat(region.accessible().contains(2 * large, large)).isTrue();
    region.commit(large, large);
    assertThat(system.runs(region, large)).isTrue();
    region.release();
  }
}
