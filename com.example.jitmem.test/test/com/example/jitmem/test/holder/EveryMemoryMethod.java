// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Calls every public method of virtual memory.
final class EveryMemoryMethod {
  private static final Set<MemoryAccess> READ_WRITE = Set.of(MemoryAccess.READ, MemoryAccess.WRITE);
  private static final Vicinity NOWHERE = Vicinity.of(MemorySegment.ofAddress(1L << 62));

  private final Coverage coverage;
  private final VirtMem memory;

  EveryMemoryMethod(Coverage coverage, VirtMem memory) {
    this.coverage = coverage;
    this.memory = coverage.read(VirtMem.class, memory);
  }

  /// Calls everything.
  void run() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapped = memory.alloc(10_000, READ_WRITE, Set.of(), arena);
      Vicinity near = Vicinity.of(mapped);
      memory.alloc(1, READ_WRITE, Set.of(), near, arena);
      memory.protect(mapped, Set.of(MemoryAccess.READ));
      memory.protect(mapped, READ_WRITE);
      memory.flushInstructionCache(mapped);
      memory.protectJitMemory(ProtectJitAccess.READ_EXECUTE);
      DualMapping dual = memory.allocDualMapping(10_000, Set.of(), arena);
      memory.allocDualMapping(1, Set.of(), near, arena);
      write(mapped);
      write(dual.rw());
      refuse(mapped, arena);
    }
    Arena closed;
    try (Arena arena = Arena.ofShared()) {
      closed = arena;
    }
    Checks.thrown(IllegalStateException.class, () -> memory.alloc(1, READ_WRITE, Set.of(), closed));
  }

  private void write(MemorySegment writable) {
    ProtectJitReadWriteScope scope =
        coverage.of(
            ProtectJitReadWriteScope.class,
            memory.openReadWriteScope(writable, CachePolicy.FLUSH_AFTER_WRITE));
    scope.write(0, MemorySegment.ofArray(new byte[8]));
    Checks.thrown(
        IndexOutOfBoundsException.class,
        () -> scope.write(writable.byteSize(), MemorySegment.ofArray(new byte[8])));
    scope.close();
    scope.close();
    Checks.thrown(
        IllegalStateException.class, () -> scope.write(0, MemorySegment.ofArray(new byte[8])));
  }

  private void refuse(MemorySegment mapped, Arena arena) {
    Checks.thrown(
        IllegalArgumentException.class, () -> memory.alloc(0, READ_WRITE, Set.of(), arena));
    Checks.thrown(
        VirtMemException.class, () -> memory.alloc(1L << 60, READ_WRITE, Set.of(), arena));
    Checks.thrown(
        VirtMemException.class, () -> memory.alloc(1L << 30, READ_WRITE, Set.of(), NOWHERE, arena));
    Checks.thrown(
        VirtMemException.class, () -> memory.allocDualMapping(1L << 40, Set.of(), NOWHERE, arena));
    Checks.thrown(
        IllegalArgumentException.class, () -> memory.protect(mapped.asSlice(8), READ_WRITE));
    Checks.thrown(
        IllegalArgumentException.class,
        () -> memory.openReadWriteScope(arena.allocate(8), CachePolicy.DEFAULT));
    Checks.thrown(
        IllegalArgumentException.class,
        () -> memory.flushInstructionCache(MemorySegment.ofArray(new byte[8])));
  }
}
