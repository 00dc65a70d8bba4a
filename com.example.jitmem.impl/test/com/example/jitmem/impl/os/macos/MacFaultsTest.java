// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.EachCallRefused;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Refuses every call of every operation in turn, with every error that macOS is known to give.
class MacFaultsTest {
  private static final long PAGE = 4096;
  private static final int[] ERRORS =
      IntStream.concat(
              Arrays.stream(MacErrno.values()).mapToInt(MacErrno::code),
              Arrays.stream(KernReturn.values()).mapToInt(KernReturn::code))
          .distinct()
          .toArray();

  @Test
  void viewsAreAsTheyWere() {
    MacModel system = new MacModel(false);
    Os os = new MacOs(system, Processor.X86_64, MacOs.Kind.REMAPPED, system);
    EachCallRefused faults = new EachCallRefused(system, ERRORS);
    faults.forEach(
        "map",
        () -> os.map(PAGE, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE),
        made -> os.unmap(made, PAGE));
    faults.forEach(
        "reserve",
        () -> os.reserve(PAGE, 16 * PAGE, AddressWindow.ANYWHERE),
        made -> os.unreserve(made, PAGE));
    faults.forEach(
        "create shared memory",
        () -> os.createShared(Backing.REMAPPED, PAGE, false).handle(),
        made -> os.closeShared(new SharedMemory(Backing.REMAPPED, made, PAGE)));
    long rx = os.reserve(4 * PAGE, PAGE, AddressWindow.ANYWHERE);
    SharedMemory memory = os.createShared(Backing.REMAPPED, 4 * PAGE, false);
    faults.forEach(
        "map a view",
        () -> {},
        () -> os.mapShared(memory, PAGE, rx + PAGE, PAGE, MemoryAccess.RX),
        thrown -> {
          Set<MemoryAccess> access = thrown ? MemoryAccess.NONE : MemoryAccess.RX;
          assertThat(ProcessMaps.hasAccess(rx + PAGE, PAGE, access)).isTrue();
          os.decommit(rx + PAGE, PAGE);
        });
    faults.forEach(
        "decommit",
        () -> os.mapShared(memory, PAGE, rx + PAGE, PAGE, MemoryAccess.RX),
        () -> os.decommit(rx + PAGE, PAGE),
        thrown -> {
          Set<MemoryAccess> access = thrown ? MemoryAccess.RX : MemoryAccess.NONE;
          assertThat(ProcessMaps.hasAccess(rx + PAGE, PAGE, access)).isTrue();
          os.decommit(rx + PAGE, PAGE);
        });
    os.unreserve(rx, 4 * PAGE);
    os.closeShared(memory);
    assertThat(system.balance()).isEqualTo("pages 0");
    faults.report("macOS on x86-64");
  }

  @Test
  void toggledMemoryIsAsItWas() {
    MacModel system = new MacModel(true);
    Os os = new MacOs(system, Processor.X86_64, MacOs.Kind.TOGGLED, system);
    ThreadToggledMemory toggled = os.threadToggled().orElseThrow();
    EachCallRefused faults = new EachCallRefused(system, ERRORS);
    faults.forEach(
        "reserve", () -> toggled.reserve(PAGE, 16 * PAGE), made -> os.unreserve(made, PAGE));
    long[] region = {0};
    faults.forEach(
        "commit",
        () -> region[0] = toggled.reserve(4 * PAGE, PAGE),
        () -> toggled.commit(region[0] + PAGE, PAGE),
        thrown -> {
          Set<MemoryAccess> access = thrown ? MemoryAccess.NONE : MemoryAccess.RX;
          assertThat(ProcessMaps.hasAccess(region[0] + PAGE, PAGE, access)).isTrue();
          os.unreserve(region[0], 4 * PAGE);
          assertThat(system.balance()).isEqualTo("pages 0");
        });
    try (Arena arena = Arena.ofConfined()) {
      long source = arena.allocate(8).address();
      faults.forEach(
          "place the routine and write",
          () -> {
            region[0] = toggled.reserve(PAGE, PAGE);
            toggled.commit(region[0], PAGE);
          },
          () -> {
            MacOs fresh = new MacOs(system, Processor.X86_64, MacOs.Kind.TOGGLED, system);
            fresh.threadToggled().orElseThrow().write(region[0], source, 8);
          },
          thrown -> {
            os.unreserve(region[0], PAGE);
            assertThat(system.balance()).isEqualTo("pages " + system.routines);
          });
    }
    faults.report("macOS on AArch64");
  }
}
