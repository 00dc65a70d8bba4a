// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.ExpectedCalls;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Which functions are called, in which order, with which arguments. What is expected is taken from
/// the manual pages, headers and kernel source, with its numbers and not with constants of the
/// code. `*` stands for the address of a variable, which the model checks.
class MacCallsTest {
  private static final long PAGE = 4096;

  private final MacModel intel = new MacModel(false);
  private final MacOs onIntel = new MacOs(intel, Processor.X86_64, MacOs.Kind.REMAPPED, intel);
  private final MacModel apple = new MacModel(true);
  private final MacOs onApple = new MacOs(apple, Processor.X86_64, MacOs.Kind.TOGGLED, apple);

  MacCallsTest() {
    intel.takeCalls();
    apple.takeCalls();
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  @Test
  void memoryIsMappedWithApplesFlags() {
    long address = onIntel.map(2 * PAGE, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE);
    ExpectedCalls.expect(intel, "mmap(0, 2000, 7, 1002, ffffffffffffffff, 0)");
    onIntel.unmap(address, 2 * PAGE);
    ExpectedCalls.expect(intel, "munmap(" + hex(address) + ", 2000)");
    address =
        onApple.map(PAGE, MemoryAccess.RWX, Set.of(MapOption.MAP_JIT), AddressWindow.ANYWHERE);
    ExpectedCalls.expect(apple, "mmap(0, 1000, 7, 1802, ffffffffffffffff, 0)");
    onApple.unmap(address, PAGE);
    address =
        onApple.map(
            PAGE,
            MemoryAccess.RW,
            Set.of(MapOption.MAP_JIT, MapOption.SHARED),
            AddressWindow.ANYWHERE);
    onApple.unmap(address, PAGE);
    ExpectedCalls.expect(
        apple,
        "munmap(*, 1000)",
        "mmap(0, 1000, 3, 1001, ffffffffffffffff, 0)",
        "munmap(" + hex(address) + ", 1000)");
  }

  @Test
  void aSecondMappingHasItsMaximumBeforeItsProtection() {
    SharedMemory memory = onIntel.createShared(Backing.REMAPPED, 4 * PAGE, false);
    long object = memory.handle();
    ExpectedCalls.expect(
        intel,
        "mmap(0, 4000, 3, 1042, ffffffffffffffff, 0)",
        "minherit(" + hex(object) + ", 4000, 2)");
    long rx = onIntel.reserve(4 * PAGE, PAGE, AddressWindow.ANYWHERE);
    ExpectedCalls.expect(intel, "mmap(0, 6000, 0, 1042, ffffffffffffffff, 0)");
    onIntel.mapShared(memory, PAGE, rx + PAGE, PAGE, MemoryAccess.RX);
    ExpectedCalls.expect(
        intel,
        "mach_vm_remap(103, *, 1000, 0, 4000, 103, " + hex(object + PAGE) + ", 0, *, *, 2)",
        "mach_vm_protect(103, " + hex(rx + PAGE) + ", 1000, 1, 5)",
        "mach_vm_protect(103, " + hex(rx + PAGE) + ", 1000, 0, 5)");
    onIntel.mapShared(memory, PAGE, rx + 2 * PAGE, PAGE, MemoryAccess.RW);
    onIntel.discard(rx + 2 * PAGE, PAGE);
    ExpectedCalls.expect(
        intel,
        "mach_vm_remap(103, *, 1000, 0, 4000, 103, " + hex(object + PAGE) + ", 0, *, *, 2)",
        "mach_vm_protect(103, " + hex(rx + 2 * PAGE) + ", 1000, 1, 3)",
        "mach_vm_protect(103, " + hex(rx + 2 * PAGE) + ", 1000, 0, 3)",
        "madvise(" + hex(rx + 2 * PAGE) + ", 1000, 7)");
    onIntel.decommit(rx + PAGE, PAGE);
    ExpectedCalls.expect(intel, "mmap(" + hex(rx + PAGE) + ", 1000, 0, 1052, ffffffffffffffff, 0)");
    onIntel.closeShared(memory);
    onIntel.unreserve(rx, 4 * PAGE);
    ExpectedCalls.expect(
        intel, "munmap(" + hex(object) + ", 4000)", "munmap(" + hex(rx - PAGE) + ", 6000)");
    assertThat(intel.balance()).isEqualTo("pages 0");
  }

  @Test
  void toggledMemoryIsCommittedOnceAndWrittenByTheRoutine() {
    ThreadToggledMemory toggled = onApple.threadToggled().orElseThrow();
    long region = toggled.reserve(4 * PAGE, PAGE);
    ExpectedCalls.expect(
        apple,
        "pthread_jit_write_protect_supported_np()",
        "mmap(0, 6000, 0, 1842, ffffffffffffffff, 0)");
    toggled.commit(region + PAGE, PAGE);
    ExpectedCalls.expect(apple, "mprotect(" + hex(region + PAGE) + ", 1000, 7)");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {1, 2, 3});
      toggled.write(region + PAGE + 5, source.address(), 3);
      ExpectedCalls.expect(
          apple,
          "dlsym(fffffffffffffffe, *)",
          "dlsym(fffffffffffffffe, *)",
          "mmap(0, 1000, 3, 1002, ffffffffffffffff, 0)",
          "mprotect(*, 1000, 5)",
          "sys_icache_invalidate(*, 8c)");
      toggled.write(region + PAGE, source.address(), 3);
      ExpectedCalls.expect(apple);
    }
    assertThat(NativeMemory.at(region + PAGE, 8).toArray(ValueLayout.JAVA_BYTE))
        .containsExactly(1, 2, 3, 0, 0, 1, 2, 3);
    assertThat(apple.copies).isEqualTo(2);
    toggled.discard(region + PAGE, PAGE);
    toggled.reuse(region + PAGE, PAGE);
    onApple.unreserve(region, 4 * PAGE);
    ExpectedCalls.expect(
        apple,
        "madvise(" + hex(region + PAGE) + ", 1000, 7)",
        "madvise(" + hex(region + PAGE) + ", 1000, 8)",
        "munmap(" + hex(region - PAGE) + ", 6000)");
  }

  @Test
  void refusalsNameTheEntitlement() {
    assertThatThrownBy(() -> onApple.map(PAGE, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.DENIED_BY_POLICY))
        .hasMessageContainingAll(
            "EACCES (13)", "allow-unsigned-executable-memory", "Apple silicon");
    apple.refuse(1, PosixMemory.MMAP);
    assertThatThrownBy(() -> onApple.threadToggled().orElseThrow().reserve(PAGE, PAGE))
        .hasMessageContainingAll("EPERM (1)", "com.apple.security.cs.allow-jit");
    SharedMemory memory = onIntel.createShared(Backing.REMAPPED, PAGE, false);
    long rx = onIntel.reserve(PAGE, PAGE, AddressWindow.ANYWHERE);
    intel.hardened = true;
    assertThatThrownBy(() -> onIntel.mapShared(memory, 0, rx, PAGE, MemoryAccess.RX))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.DENIED_BY_POLICY);
              assertThat(e.call()).isEqualTo("mach_vm_protect");
              assertThat(e.osError()).hasValue(2);
            })
        .hasMessageContaining("KERN_PROTECTION_FAILURE (2) for 4096 bytes");
    onIntel.unreserve(rx, PAGE);
    onIntel.closeShared(memory);
    assertThat(intel.balance()).isEqualTo("pages 0");
  }

  @Test
  void whereThreadsDoNotToggleThereIsNoSuchMemory() {
    assertThat(onIntel.threadToggled()).isEmpty();
    MacOs wrong = new MacOs(intel, Processor.X86_64, MacOs.Kind.TOGGLED, intel);
    assertThatThrownBy(() -> wrong.threadToggled().orElseThrow().reserve(PAGE, PAGE))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContaining("pthread_jit_write_protect_supported_np");
  }
}
