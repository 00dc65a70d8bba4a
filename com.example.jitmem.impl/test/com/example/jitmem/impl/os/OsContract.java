// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.testing.OnLinux;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every implementation of [Os] has to do, checked on the system itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OsContract {
  private static final long GIB = 1L << 30;

  /// An address far from those that systems choose themselves, so that nothing else is mapped
  /// there.
  private static final long REMOTE = 0x1000_0000_0000L;

  private static final long ALIGNMENT = 2L * 1024 * 1024;

  private final Os os;
  private final long page;

  /// Checks a system.
  protected OsContract(Os os) {
    this.os = os;
    this.page = os.facts().pageSize();
  }

  /// Whether a whole range may be read, written or executed as a set says, asked of the system.
  protected abstract boolean hasAccess(long address, long byteSize, Set<MemoryAccess> access);

  /// Whether nothing is mapped in a range.
  protected abstract boolean isFree(long address, long byteSize);

  /// Whether children made by fork get the memory at an address.
  protected abstract boolean isInherited(long address);

  /// More bytes than the system can map.
  protected long tooMuch() {
    return 1L << 60;
  }

  List<Backing> backings() {
    return os.facts().dualBackings();
  }

  private static MemorySegment at(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  private void write(long address, int value) {
    byte[] code = os.facts().processor().returning(value);
    at(address, code.length).copyFrom(MemorySegment.ofArray(code));
    os.flushInstructionCache(address, code.length);
  }

  @Test
  void factsArePowersOfTwo() {
    OsFacts facts = os.facts();
    assertThat(Long.bitCount(facts.pageSize())).isOne();
    assertThat(Long.bitCount(facts.pageGranularity())).isOne();
    assertThat(facts.pageGranularity()).isGreaterThanOrEqualTo(facts.pageSize());
    assertThat(Long.bitCount(facts.largePageSize())).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("accesses")
  void mappedMemoryHasTheAccessAskedForAndIsGoneWhenUnmapped(Set<MemoryAccess> access) {
    long address = os.map(3 * page, access, Set.of(), AddressWindow.ANYWHERE);
    assertThat(address % page).isZero();
    assertThat(hasAccess(address, 3 * page, access)).isTrue();
    os.unmap(address, 3 * page);
  }

  static Object[] accesses() {
    return new Object[] {MemoryAccess.NONE, MemoryAccess.RW, MemoryAccess.RX, MemoryAccess.RWX};
  }

  @Test
  void mappedMemoryReadsAsZeroAndKeepsWhatIsWritten() {
    long address =
        os.map(2 * page, MemoryAccess.RW, Set.of(MapOption.SHARED), AddressWindow.ANYWHERE);
    MemorySegment memory = at(address, 2 * page);
    assertThat(memory.mismatch(MemorySegment.ofArray(new byte[Math.toIntExact(2 * page)])))
        .isEqualTo(-1);
    memory.set(ValueLayout.JAVA_LONG, page, 42);
    assertThat(memory.get(ValueLayout.JAVA_LONG, page)).isEqualTo(42);
    os.unmap(address, 2 * page);
  }

  @Test
  void protectChangesTheAccessOfAPart() {
    long address = os.map(3 * page, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE);
    os.protect(address + page, page, Set.of(MemoryAccess.READ));
    assertThat(hasAccess(address, page, MemoryAccess.RW)).isTrue();
    assertThat(hasAccess(address + page, page, Set.of(MemoryAccess.READ))).isTrue();
    assertThat(hasAccess(address + 2 * page, page, MemoryAccess.RW)).isTrue();
    os.unmap(address, 3 * page);
  }

  @Test
  void reservationsAreAlignedAndInaccessible() {
    for (long alignment = page; alignment <= ALIGNMENT; alignment *= 2) {
      long address = os.reserve(3 * page, alignment, AddressWindow.ANYWHERE);
      assertThat(address % alignment).isZero();
      assertThat(hasAccess(address - page, 5 * page, MemoryAccess.NONE)).isTrue();
      os.unreserve(address, 3 * page);
    }
  }

  @Test
  void reservationsWithinAWindowLieThere() {
    AddressWindow window = new AddressWindow(REMOTE - GIB, REMOTE + GIB, REMOTE);
    for (long alignment = page; alignment <= ALIGNMENT; alignment *= 2) {
      long address = os.reserve(3 * page, alignment, window);
      assertThat(address % alignment).isZero();
      assertThat(address).isBetween(window.start(), window.end() - 3 * page);
      assertThat(hasAccess(address - page, 5 * page, MemoryAccess.NONE)).isTrue();
      os.unreserve(address, 3 * page);
      assertThat(isFree(address - page, 5 * page)).isTrue();
    }
  }

  @Test
  void anExactFitIsFoundAndAWindowWithoutRoomIsRefused() {
    AddressWindow window = new AddressWindow(REMOTE, REMOTE + 9 * page, REMOTE);
    long address = os.reserve(9 * page, page, window);
    assertThat(address).isEqualTo(REMOTE);
    assertThatThrownBy(() -> os.reserve(page, page, window))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY);
              assertThat(e).hasMessageContaining(window.toString()).hasMessageContaining("reach");
            });
    os.unreserve(address, 9 * page);
  }

  @ParameterizedTest
  @MethodSource("accesses")
  void memoryMappedWithinAWindowLiesThereAndHasTheAccessAskedFor(Set<MemoryAccess> access) {
    AddressWindow window = new AddressWindow(REMOTE - GIB, REMOTE + GIB, REMOTE);
    for (Set<MapOption> options : List.of(Set.<MapOption>of(), Set.of(MapOption.SHARED))) {
      long address = os.map(3 * page, access, options, window);
      assertThat(address).isBetween(window.start(), window.end() - 3 * page);
      assertThat(hasAccess(address, 3 * page, access)).isTrue();
      os.unmap(address, 3 * page);
      assertThat(isFree(address, 3 * page)).isTrue();
    }
  }

  @Test
  void committedMemoryRunsAndIsFreshAfterDecommit() {
    long address = os.reserve(4 * page, page, AddressWindow.ANYWHERE);
    os.commit(address + page, page, MemoryAccess.RWX);
    write(address + page, 42);
    assertThat(os.run(address + page)).isEqualTo(42);
    assertThat(hasAccess(address, page, MemoryAccess.NONE)).isTrue();
    os.decommit(address + page, page);
    assertThat(hasAccess(address, 4 * page, MemoryAccess.NONE)).isTrue();
    os.commit(address + page, page, MemoryAccess.RWX);
    assertThat(at(address + page, page).get(ValueLayout.JAVA_LONG, 0)).isZero();
    os.unreserve(address, 4 * page);
  }

  @ParameterizedTest
  @MethodSource("backings")
  void whatIsWrittenInOneViewRunsInTheOther(Backing backing) {
    SharedMemory memory = os.createShared(backing, 4 * page, false);
    long rx = os.reserve(4 * page, page, AddressWindow.ANYWHERE);
    long rw = os.reserve(4 * page, page, AddressWindow.ANYWHERE);
    os.mapShared(memory, 2 * page, rx + 2 * page, page, MemoryAccess.RX);
    os.mapShared(memory, 2 * page, rw + 2 * page, page, MemoryAccess.RW);
    write(rw + 2 * page, 42);
    assertThat(os.run(rx + 2 * page)).isEqualTo(42);
    assertThat(hasAccess(rx, 2 * page, MemoryAccess.NONE)).isTrue();
    assertThat(hasAccess(rx + 2 * page, page, MemoryAccess.RX)).isTrue();
    assertThat(hasAccess(rw + 2 * page, page, MemoryAccess.RW)).isTrue();
    assertThat(hasAccess(rw + 3 * page, page, MemoryAccess.NONE)).isTrue();
    os.unreserve(rx, 4 * page);
    os.unreserve(rw, 4 * page);
    os.closeShared(memory);
  }

  @ParameterizedTest
  @MethodSource("backings")
  void viewsStayWhenSharedMemoryIsClosed(Backing backing) {
    SharedMemory memory = os.createShared(backing, page, false);
    long rx = os.reserve(page, page, AddressWindow.ANYWHERE);
    long rw = os.reserve(page, page, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, page, MemoryAccess.RX);
    os.mapShared(memory, 0, rw, page, MemoryAccess.RW);
    os.closeShared(memory);
    write(rw, 43);
    assertThat(os.run(rx)).isEqualTo(43);
    os.unreserve(rx, page);
    os.unreserve(rw, page);
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_REMOVE and does nothing")
  @ParameterizedTest
  @MethodSource("backings")
  void discardedPagesReadAsZeroInBothViewsAndTheOthersStay(Backing backing) {
    SharedMemory memory = os.createShared(backing, 2 * page, false);
    long rx = os.reserve(2 * page, page, AddressWindow.ANYWHERE);
    long rw = os.reserve(2 * page, page, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, 2 * page, MemoryAccess.RX);
    os.mapShared(memory, 0, rw, 2 * page, MemoryAccess.RW);
    at(rw, 2 * page).fill((byte) 0x5A);
    os.discard(rw, page);
    assertThat(at(rx, page).get(ValueLayout.JAVA_LONG, 0)).isZero();
    assertThat(at(rw, page).get(ValueLayout.JAVA_LONG, 0)).isZero();
    assertThat(at(rx + page, page).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5A);
    os.unreserve(rx, 2 * page);
    os.unreserve(rw, 2 * page);
    os.closeShared(memory);
  }

  @Test
  void discardedPrivatePagesReadAsZeroAndStayAccessible() {
    long address = os.reserve(2 * page, page, AddressWindow.ANYWHERE);
    os.commit(address, 2 * page, MemoryAccess.RWX);
    at(address, 2 * page).fill((byte) 0x5A);
    os.discardPrivate(address, page, MemoryAccess.RWX);
    assertThat(at(address, page).get(ValueLayout.JAVA_LONG, 0)).isZero();
    assertThat(at(address + page, page).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5A);
    write(address, 44);
    assertThat(os.run(address)).isEqualTo(44);
    os.unreserve(address, 2 * page);
  }

  @Test
  void discardedPrivatePagesThatCannotBeWrittenReadAsZeroToo() {
    long address = os.reserve(2 * page, page, AddressWindow.ANYWHERE);
    os.commit(address, 2 * page, MemoryAccess.RW);
    at(address, 2 * page).fill((byte) 0x5A);
    write(address + page, 45);
    os.protect(address, 2 * page, MemoryAccess.RX);
    os.discardPrivate(address, page, MemoryAccess.RX);
    assertThat(at(address, page).get(ValueLayout.JAVA_LONG, 0)).isZero();
    assertThat(os.run(address + page)).isEqualTo(45);
    os.unreserve(address, 2 * page);
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_DONTFORK and does nothing")
  @ParameterizedTest
  @MethodSource("backings")
  void childrenMadeByForkCannotChangeCodeOfTheParent(Backing backing) {
    SharedMemory memory = os.createShared(backing, page, false);
    long rx = os.reserve(page, page, AddressWindow.ANYWHERE);
    long rw = os.reserve(page, page, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, page, MemoryAccess.RX);
    os.mapShared(memory, 0, rw, page, MemoryAccess.RW);
    assertThat(isInherited(rx)).isFalse();
    assertThat(isInherited(rw)).isFalse();
    os.unreserve(rx, page);
    os.unreserve(rw, page);
    os.closeShared(memory);
  }

  @Test
  void preferringALargePageKeepsContent() {
    long large = os.facts().largePageSize();
    if (large == 0) {
      return;
    }
    long address = os.reserve(large, large, AddressWindow.ANYWHERE);
    os.commit(address, large, MemoryAccess.RWX);
    at(address, large).fill((byte) 0x5A);
    os.preferLargePage(address);
    assertThat(at(address, large).get(ValueLayout.JAVA_BYTE, large - 1)).isEqualTo((byte) 0x5A);
    assertThat(os.largePageBytes(address, large)).isBetween(0L, large);
    os.unreserve(address, large);
  }

  @Test
  void aRefusalNamesCallErrorAndRemedy() {
    long tooMuch = tooMuch();
    assertThatThrownBy(() -> os.map(tooMuch, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY);
              assertThat(e.call()).isNotEmpty();
              assertThat(e.osError()).isPresent();
              assertThat(e.getMessage()).contains(e.call(), String.valueOf(tooMuch), "raise");
            });
  }
}
