// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.ExpectedCalls;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Which functions are called, in which order, with which arguments. What is expected is taken from
/// Microsoft's documentation of the functions, with its numbers and not with constants of the code.
/// `*` stands for the address of a structure, which the model checks.
class WindowsCallsTest {
  private static final long PAGE = 4096;
  private static final long BLOCK = 0x10000;
  private static final String SELF = "ffffffffffffffff";

  private final WindowsModel system = new WindowsModel();
  private final Os os = new WindowsOs(system, Processor.X86_64);

  WindowsCallsTest() {
    system.takeCalls();
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  private void expect(String... expected) {
    ExpectedCalls.expect(system, expected);
  }

  @Test
  void factsAreAskedForOnce() {
    new WindowsOs(system, Processor.X86_64).facts();
    expect("GetCurrentProcess()", "GetSystemInfo(*)", "GetLargePageMinimum()");
    assertThat(os.facts().systemName()).isEqualTo("Windows on x86-64");
    assertThat(os.facts().pageSize()).isEqualTo(PAGE);
    assertThat(os.facts().pageGranularity()).isEqualTo(0x10000);
    assertThat(os.facts().largePageSize()).isEqualTo(0x200000);
    assertThat(os.facts().dualBackings()).containsExactly(Backing.SECTION);
  }

  @Test
  void memoryIsReservedAndCommittedInOneCall() {
    long address =
        os.map(2 * PAGE, MemoryAccess.RWX, Set.of(MapOption.SHARED), AddressWindow.ANYWHERE);
    expect("VirtualAlloc(0, 2000, 3000, 40)");
    os.protect(address, PAGE, MemoryAccess.RX);
    expect("VirtualProtect(" + hex(address) + ", 1000, 20, *)");
    os.protect(address, PAGE, MemoryAccess.RW);
    expect("VirtualProtect(" + hex(address) + ", 1000, 4, *)");
    os.protect(address, PAGE, Set.of(MemoryAccess.READ));
    expect("VirtualProtect(" + hex(address) + ", 1000, 2, *)");
    os.protect(address, PAGE, MemoryAccess.NONE);
    expect("VirtualProtect(" + hex(address) + ", 1000, 1, *)");
    os.unmap(address, 2 * PAGE);
    expect("VirtualFree(" + hex(address) + ", 0, 8000)");
  }

  @Test
  void privateMemoryOfARegionReplacesThePlaceholderAtTheFirstCommit() {
    long address = os.reserve(4 * BLOCK, 2 * 1024 * 1024, AddressWindow.ANYWHERE);
    expect("VirtualAlloc2(" + SELF + ", 0, 241000, 42000, 1, *, 1)");
    assertThat(address % (2 * 1024 * 1024)).isZero();
    os.commit(address + BLOCK, BLOCK, MemoryAccess.RWX);
    expect(
        "VirtualAlloc2(" + SELF + ", " + hex(address - 0x200000) + ", 241000, 6000, 1, 0, 0)",
        "VirtualAlloc(" + hex(address + BLOCK) + ", 10000, 1000, 40)");
    os.commit(address, BLOCK, MemoryAccess.RWX);
    expect("VirtualAlloc(" + hex(address) + ", 10000, 1000, 40)");
    os.discardPrivate(address, BLOCK, MemoryAccess.RWX);
    expect("VirtualAlloc(" + hex(address) + ", 10000, 80000, 1)");
    os.protect(address, BLOCK, MemoryAccess.RX);
    expect("VirtualProtect(" + hex(address) + ", 10000, 20, *)");
    os.discardPrivate(address, BLOCK, MemoryAccess.RX);
    expect(
        "VirtualProtect(" + hex(address) + ", 10000, 4, *)",
        "VirtualAlloc(" + hex(address) + ", 10000, 80000, 1)",
        "VirtualProtect(" + hex(address) + ", 10000, 20, *)");
    os.decommit(address + BLOCK, BLOCK);
    expect("VirtualFree(" + hex(address + BLOCK) + ", 10000, 4000)");
    os.unreserve(address, 4 * BLOCK);
    expect("VirtualFree(" + hex(address - 0x200000) + ", 0, 8000)");
  }

  @Test
  void everyCommittedPartOfSharedMemoryIsASectionOfItsOwn() {
    SharedMemory memory = os.createShared(Backing.SECTION, 4 * BLOCK, false);
    expect();
    long rx = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
    long rw = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
    system.takeCalls();

    os.mapShared(memory, BLOCK, rx + BLOCK, BLOCK, MemoryAccess.RX);
    expect(
        "VirtualFree(" + hex(rx - BLOCK) + ", 20000, 8002)",
        "VirtualFree(" + hex(rx + BLOCK) + ", 10000, 8002)",
        "CreateFileMappingW(" + SELF + ", 0, 8000040, 0, 10000, 0)",
        "MapViewOfFile3(104, " + SELF + ", " + hex(rx + BLOCK) + ", 0, 10000, 4000, 20, 0, 0)");
    os.mapShared(memory, BLOCK, rw + BLOCK, BLOCK, MemoryAccess.RW);
    expect(
        "VirtualFree(" + hex(rw - BLOCK) + ", 20000, 8002)",
        "VirtualFree(" + hex(rw + BLOCK) + ", 10000, 8002)",
        "MapViewOfFile3(104, " + SELF + ", " + hex(rw + BLOCK) + ", 0, 10000, 4000, 4, 0, 0)");

    os.discard(rw + BLOCK, BLOCK);
    expect("VirtualAlloc(" + hex(rw + BLOCK) + ", 10000, 80000, 1)");
    os.decommit(rw + BLOCK, BLOCK);
    expect(
        "VirtualProtect(" + hex(rw + BLOCK) + ", 10000, 1, *)",
        "UnmapViewOfFile2(" + SELF + ", " + hex(rw + BLOCK) + ", 2)");
    os.decommit(rx + BLOCK, BLOCK);
    expect(
        "VirtualProtect(" + hex(rx + BLOCK) + ", 10000, 1, *)",
        "UnmapViewOfFile2(" + SELF + ", " + hex(rx + BLOCK) + ", 2)",
        "CloseHandle(104)");

    os.mapShared(memory, 0, rx, 3 * BLOCK, MemoryAccess.RX);
    expect(
        "VirtualFree(" + hex(rx - BLOCK) + ", 51000, 8001)",
        "VirtualFree(" + hex(rx - BLOCK) + ", 10000, 8002)",
        "VirtualFree(" + hex(rx) + ", 30000, 8002)",
        "CreateFileMappingW(" + SELF + ", 0, 8000040, 0, 30000, 0)",
        "MapViewOfFile3(108, " + SELF + ", " + hex(rx) + ", 0, 30000, 4000, 20, 0, 0)");
    os.closeShared(memory);
    expect("CloseHandle(108)");
    os.unreserve(rx, 4 * BLOCK);
    expect(
        "UnmapViewOfFile2(" + SELF + ", " + hex(rx) + ", 0)",
        "VirtualFree(" + hex(rx - BLOCK) + ", 0, 8000)",
        "VirtualFree(" + hex(rx + 3 * BLOCK) + ", 0, 8000)");
    os.unreserve(rw, 4 * BLOCK);
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void aPartOfAViewLosesItsAccessAndTheViewGoesWithTheLastPart() {
    SharedMemory memory = os.createShared(Backing.SECTION, 4 * BLOCK, false);
    long rx = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, 3 * BLOCK, MemoryAccess.RX);
    system.takeCalls();
    os.decommit(rx + BLOCK, BLOCK);
    expect("VirtualProtect(" + hex(rx + BLOCK) + ", 10000, 1, *)");
    os.mapShared(memory, BLOCK, rx + BLOCK, BLOCK, MemoryAccess.RX);
    expect("VirtualProtect(" + hex(rx + BLOCK) + ", 10000, 20, *)");
    os.decommit(rx, BLOCK);
    expect("VirtualProtect(" + hex(rx) + ", 10000, 1, *)");
    os.decommit(rx + BLOCK, 2 * BLOCK);
    expect(
        "VirtualProtect(" + hex(rx + BLOCK) + ", 20000, 1, *)",
        "UnmapViewOfFile2(" + SELF + ", " + hex(rx) + ", 2)",
        "CloseHandle(104)");
    os.unreserve(rx, 4 * BLOCK);
    os.closeShared(memory);
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void aRangeThatWasCommittedInPiecesIsMappedInPieces() {
    SharedMemory memory = os.createShared(Backing.SECTION, 4 * BLOCK, false);
    long rx = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
    long rw = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
    os.mapShared(memory, BLOCK, rx + BLOCK, BLOCK, MemoryAccess.RX);
    system.takeCalls();
    os.mapShared(memory, 0, rw, 3 * BLOCK, MemoryAccess.RW);
    List<String> made = system.takeCalls().stream().map(call -> call.function().name()).toList();
    assertThat(made.stream().filter("CreateFileMappingW"::equals)).hasSize(2);
    assertThat(made.stream().filter("MapViewOfFile3"::equals)).hasSize(3);
    os.unreserve(rx, 4 * BLOCK);
    os.unreserve(rw, 4 * BLOCK);
    os.closeShared(memory);
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void sizesAbove4GiBAreGivenInTwoHalves() {
    long byteSize = (1L << 32) + BLOCK;
    SharedMemory memory = os.createShared(Backing.SECTION, byteSize, false);
    long rx = os.reserve(byteSize, BLOCK, AddressWindow.ANYWHERE);
    system.takeCalls();
    os.mapShared(memory, 0, rx, byteSize, MemoryAccess.RX);
    assertThat(
            system.takeCalls().stream()
                .filter(call -> call.function().equals(WindowsFunctions.CREATE_FILE_MAPPING)))
        .singleElement()
        .hasToString("CreateFileMappingW(" + SELF + ", 0, 8000040, 1, 10000, 0)");
    os.unreserve(rx, byteSize);
    os.closeShared(memory);
  }

  @Test
  void largePagesTakeAPrivilegeThatIsEnabledOnce() {
    system.userHasPrivilege = true;
    long large = os.facts().largePageSize();
    long address =
        os.map(large, MemoryAccess.RWX, Set.of(MapOption.LARGE_PAGES), AddressWindow.ANYWHERE);
    expect(
        "OpenProcessToken(" + SELF + ", 28, *)",
        "LookupPrivilegeValueW(0, *, *)",
        "AdjustTokenPrivileges(*, 0, *, 0, 0, 0)",
        "CloseHandle(*)",
        "VirtualAlloc(0, 200000, 20003000, 40)");
    os.unmap(address, large);
    SharedMemory memory = os.createShared(Backing.SECTION, large, true);
    long rx = os.reserve(large, large, AddressWindow.ANYWHERE);
    system.takeCalls();
    os.mapShared(memory, 0, rx, large, MemoryAccess.RX);
    expect(
        "VirtualFree(" + hex(rx - large) + ", 200000, 8002)",
        "VirtualFree(" + hex(rx) + ", 200000, 8002)",
        "CreateFileMappingW(" + SELF + ", 0, ffffffff88000040, 0, 200000, 0)",
        "MapViewOfFile3(104, " + SELF + ", " + hex(rx) + ", 0, 200000, 20004000, 20, 0, 0)");
    assertThat(os.largePageBytes(rx, large)).isEqualTo(large);
    assertThat(os.largePageBytes(rx + PAGE, 2 * PAGE)).isEqualTo(2 * PAGE);
    os.unreserve(rx, large);
    os.closeShared(memory);
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void pagesThatAreLockedOrNotThereAreNoLargeOnes() {
    long large = os.facts().largePageSize();
    SharedMemory memory = os.createShared(Backing.SECTION, large, false);
    long rx = os.reserve(2 * large, large, AddressWindow.ANYWHERE);
    os.mapShared(memory, 0, rx, large, MemoryAccess.RX);
    assertThat(os.largePageBytes(rx, 2 * large)).isZero();
    os.unreserve(rx, 2 * large);
    os.closeShared(memory);
  }

  @Test
  void withoutThePrivilegeTheRefusalNamesIt() {
    assertThatThrownBy(
            () ->
                os.map(
                    os.facts().largePageSize(),
                    MemoryAccess.RWX,
                    Set.of(MapOption.LARGE_PAGES),
                    AddressWindow.ANYWHERE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.DENIED_BY_POLICY);
              assertThat(e.call()).isEqualTo("AdjustTokenPrivileges");
              assertThat(e.osError()).hasValue(1300);
            })
        .hasMessageContainingAll("ERROR_NOT_ALL_ASSIGNED", "SeLockMemoryPrivilege");
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void arbitraryCodeGuardIsNamed() {
    system.forbidsDynamicCode = true;
    assertThatThrownBy(() -> os.map(PAGE, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.DENIED_BY_POLICY))
        .hasMessageContainingAll("ERROR_DYNAMIC_CODE_BLOCKED (1655)", "Arbitrary Code Guard");
    system.takeCalls();
    system.refuse(5, WindowsFunctions.VIRTUAL_ALLOC);
    assertThatThrownBy(() -> os.map(PAGE, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE))
        .hasMessageContainingAll("ERROR_ACCESS_DENIED (5)", "Arbitrary Code Guard");
    expect(
        "VirtualAlloc(0, 1000, 3000, 40) refused",
        "GetProcessMitigationPolicy(" + SELF + ", 2, *, 4)");
    assertThatThrownBy(() -> os.map(PAGE, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE))
        .hasMessageContaining("A policy of the system forbids it");
    expect("VirtualAlloc(0, 1000, 3000, 4) refused");
  }

  @Test
  void codeIsFlushedOnAArch64AndOtherProcessorsDropWhatTheyFetched() {
    os.flushInstructionCache(0x1234, 56);
    expect();
    Os arm = new WindowsOs(system, Processor.AARCH64);
    system.takeCalls();
    arm.flushInstructionCache(0x1234, 56);
    expect("FlushInstructionCache(" + SELF + ", 1234, 38)", "FlushProcessWriteBuffers()");
    assertThat(arm.facts().systemName()).isEqualTo("Windows on AArch64");
  }
}
