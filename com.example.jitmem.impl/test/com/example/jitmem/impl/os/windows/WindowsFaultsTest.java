// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.EachCallRefused;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.testing.ProcessMaps;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Refuses every call of every operation in turn, with every error that Windows is known to give.
class WindowsFaultsTest {
  private static final long BLOCK = 0x10000;
  private static final int[] ERRORS =
      Arrays.stream(WindowsError.values()).mapToInt(WindowsError::code).toArray();

  private final WindowsModel system = new WindowsModel();
  private final Os os = new WindowsOs(system, Processor.X86_64);
  private final EachCallRefused faults = new EachCallRefused(system, ERRORS);

  private boolean isReserved(long address, long byteSize) {
    return ProcessMaps.hasAccess(address, byteSize, MemoryAccess.NONE);
  }

  private void assertSettled() {
    assertThat(system.balance()).isEqualTo(WindowsModel.settled());
  }

  @Test
  void mappingsAndReservationsLeaveNothing() {
    system.userHasPrivilege = true;
    faults.forEach(
        "map",
        () -> os.map(BLOCK, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE),
        made -> os.unmap(made, BLOCK));
    faults.forEach(
        "reserve",
        () -> os.reserve(BLOCK, BLOCK, AddressWindow.ANYWHERE),
        made -> os.unreserve(made, BLOCK));
    long large = os.facts().largePageSize();
    faults.forEach(
        "map large pages",
        () ->
            new WindowsOs(system, Processor.X86_64)
                .map(large, MemoryAccess.RW, Set.of(MapOption.LARGE_PAGES), AddressWindow.ANYWHERE),
        made -> os.unmap(made, large));
    assertSettled();
    faults.report("Windows: mappings");
  }

  @Test
  void privateMemoryIsAsItWas() {
    long[] region = {0};
    faults.forEach(
        "commit",
        () -> region[0] = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE),
        () -> os.commit(region[0] + BLOCK, BLOCK, MemoryAccess.RWX),
        thrown -> {
          if (thrown) {
            assertThat(isReserved(region[0], 4 * BLOCK)).isTrue();
            os.commit(region[0] + BLOCK, BLOCK, MemoryAccess.RWX);
          }
          os.unreserve(region[0], 4 * BLOCK);
          assertSettled();
        });
    faults.forEach(
        "decommit",
        () -> {
          region[0] = os.reserve(4 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
          os.commit(region[0], 2 * BLOCK, MemoryAccess.RWX);
        },
        () -> os.decommit(region[0], BLOCK),
        thrown -> {
          Set<MemoryAccess> access = thrown ? MemoryAccess.RWX : MemoryAccess.NONE;
          assertThat(ProcessMaps.hasAccess(region[0], BLOCK, access)).isTrue();
          os.unreserve(region[0], 4 * BLOCK);
          assertSettled();
        });
    faults.report("Windows: private memory");
  }

  @Test
  void viewsAreAsTheyWere() {
    long[] rx = {0};
    SharedMemory[] memory = {null};
    Runnable reserve =
        () -> {
          memory[0] = os.createShared(Backing.SECTION, 8 * BLOCK, false);
          rx[0] = os.reserve(8 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
        };
    Runnable end =
        () -> {
          os.unreserve(rx[0], 8 * BLOCK);
          os.closeShared(memory[0]);
          assertSettled();
        };
    Runnable map = () -> os.mapShared(memory[0], BLOCK, rx[0] + BLOCK, 5 * BLOCK, MemoryAccess.RX);
    faults.forEach(
        "map a view",
        () -> {
          reserve.run();
          os.mapShared(memory[0], 0, rx[0], 2 * BLOCK, MemoryAccess.RX);
          os.decommit(rx[0] + BLOCK, BLOCK);
          os.mapShared(memory[0], 3 * BLOCK, rx[0] + 3 * BLOCK, BLOCK, MemoryAccess.RX);
          os.decommit(rx[0] + 3 * BLOCK, BLOCK);
          os.mapShared(memory[0], 5 * BLOCK, rx[0] + 5 * BLOCK, 2 * BLOCK, MemoryAccess.RX);
          os.decommit(rx[0] + 5 * BLOCK, BLOCK);
        },
        map,
        thrown -> {
          if (thrown) {
            assertThat(isReserved(rx[0] + BLOCK, 5 * BLOCK)).isTrue();
            map.run();
          }
          assertThat(ProcessMaps.hasAccess(rx[0] + BLOCK, 5 * BLOCK, MemoryAccess.RX)).isTrue();
          assertThat(ProcessMaps.hasAccess(rx[0], 7 * BLOCK, MemoryAccess.RX)).isTrue();
          assertThat(isReserved(rx[0] + 7 * BLOCK, BLOCK)).isTrue();
          end.run();
        });
    faults.forEach(
        "decommit views",
        () -> {
          reserve.run();
          os.mapShared(memory[0], 0, rx[0], 2 * BLOCK, MemoryAccess.RX);
          os.mapShared(memory[0], 2 * BLOCK, rx[0] + 2 * BLOCK, BLOCK, MemoryAccess.RX);
          os.mapShared(memory[0], 3 * BLOCK, rx[0] + 3 * BLOCK, 2 * BLOCK, MemoryAccess.RX);
        },
        () -> os.decommit(rx[0] + BLOCK, 3 * BLOCK),
        thrown -> {
          Set<MemoryAccess> access = thrown ? MemoryAccess.RX : MemoryAccess.NONE;
          assertThat(ProcessMaps.hasAccess(rx[0] + BLOCK, 3 * BLOCK, access)).isTrue();
          assertThat(ProcessMaps.hasAccess(rx[0], BLOCK, MemoryAccess.RX)).isTrue();
          end.run();
        });
    faults.report("Windows: views");
  }

  /// What the system refuses to take back is kept in the books and given back by the next try.
  @Test
  void aRefusedReleaseGivesBackTheRest() {
    long[] rx = {0};
    faults.forEach(
        "unmap",
        () -> {
          SharedMemory memory = os.createShared(Backing.SECTION, 8 * BLOCK, false);
          rx[0] = os.reserve(8 * BLOCK, BLOCK, AddressWindow.ANYWHERE);
          os.mapShared(memory, BLOCK, rx[0] + BLOCK, BLOCK, MemoryAccess.RX);
          os.mapShared(memory, 3 * BLOCK, rx[0] + 3 * BLOCK, BLOCK, MemoryAccess.RX);
          os.closeShared(memory);
        },
        () -> os.unreserve(rx[0], 8 * BLOCK),
        thrown -> {
          if (thrown) {
            assertThat(ProcessMaps.in(rx[0], 8 * BLOCK)).isNotEmpty();
            os.unreserve(rx[0], 8 * BLOCK);
          }
          assertSettled();
        });
    faults.report("Windows: releases");
  }
}
