// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Changes of access to memory, and those that the system refuses half-way.
class ProtectTest {
  private static final int ENOMEM = 12;
  private static final long PAGE = 4096;

  private final TestSystem system = new TestSystem();
  private final DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);

  @AfterEach
  void nothingIsLeftMapped() {
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  private MemorySegment alloc(Arena arena) {
    return virtMem.alloc(3 * PAGE, MemoryAccess.RW, Set.of(), arena);
  }

  @Test
  void protectTakesTheRestOfThePageAlong() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(arena);
      virtMem.protect(memory.asSlice(PAGE, 1), Set.of(MemoryAccess.READ));
      assertThat(ProcessMaps.accessTo(memory.address(), PAGE)).isEqualTo("rw-p");
      assertThat(ProcessMaps.accessTo(memory.address() + PAGE, PAGE)).isEqualTo("r--p");
      assertThat(ProcessMaps.accessTo(memory.address() + 2 * PAGE, PAGE)).isEqualTo("rw-p");
    }
  }

  @Test
  void anOpenScopeDoesNotWriteToPagesThatBecameReadOnly() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(arena);
      MemorySegment code = MemorySegment.ofArray(new byte[] {1, 2, 3});
      try (ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(memory, CachePolicy.DEFAULT)) {
        virtMem.protect(memory.asSlice(0, PAGE), Set.of(MemoryAccess.READ));
        assertThatThrownBy(() -> scope.write(PAGE - 1, code))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("read-only");
        scope.write(PAGE, code);
        assertThatThrownBy(() -> scope.write(3 * PAGE - 2, code))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThat(memory.asSlice(PAGE, 3).mismatch(code)).isEqualTo(-1);
    }
  }

  /// Refuses the next changes of access to a piece of memory, the first one after all but the last
  /// page was changed.
  private void refuseProtectionHalfWay(MemorySegment memory, int refusals) {
    Downcalls real = new Downcalls(Downcalls.ERRNO);
    int[] left = {refusals};
    system.calls.refuse(
        ENOMEM,
        (function, arguments) -> {
          if (function.equals(PosixMemory.MPROTECT) && left[0] == refusals) {
            real.call(function, arguments[0], memory.byteSize() - PAGE, arguments[2]);
          }
          return function.equals(PosixMemory.MPROTECT) && left[0]-- > 0;
        });
  }

  private boolean isWritable(MemorySegment memory) {
    try {
      virtMem.openReadWriteScope(memory, CachePolicy.DEFAULT).close();
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void aProtectionThatIsRefusedHalfWayIsTakenBack() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(arena);
      virtMem.protect(memory.asSlice(0, PAGE), Set.of(MemoryAccess.READ));
      refuseProtectionHalfWay(memory, 1);
      assertThatThrownBy(() -> virtMem.protect(memory, MemoryAccess.NONE))
          .isInstanceOf(VirtMemException.class)
          .hasMessageContaining("ENOMEM")
          .hasNoSuppressedExceptions();
      assertThat(ProcessMaps.accessTo(memory.address(), PAGE)).isEqualTo("r--p");
      assertThat(ProcessMaps.accessTo(memory.address() + PAGE, 2 * PAGE)).isEqualTo("rw-p");
      assertThat(isWritable(memory.asSlice(0, PAGE))).isFalse();
      assertThat(isWritable(memory.asSlice(PAGE))).isTrue();
    }
  }

  @Test
  void whereAProtectionCannotBeTakenBackPagesAreTakenForAccessibleOnlyAsIsCertain() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = alloc(arena);
      virtMem.protect(memory.asSlice(0, PAGE), Set.of(MemoryAccess.READ));
      refuseProtectionHalfWay(memory, 3);
      assertThatThrownBy(() -> virtMem.protect(memory, MemoryAccess.RX))
          .isInstanceOf(VirtMemException.class)
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
      assertThat(ProcessMaps.accessTo(memory.address() + PAGE, PAGE)).isEqualTo("r-xp");
      assertThat(isWritable(memory.asSlice(PAGE, PAGE))).isFalse();
      assertThat(isWritable(memory.asSlice(2 * PAGE))).isFalse();

      virtMem.protect(memory, MemoryAccess.RW);
      assertThat(isWritable(memory)).isTrue();
    }
  }
}
