// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.VirtMem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Memory of all kinds that belongs to an arena, each with code of its own.
final class VirtMemStage extends Stage {
  /// More than a page and no whole number of pages.
  static final long BYTE_SIZE = 70_000;

  private static final int DATA = 42;
  private static final int CODE = 43;

  private final VirtMem virtMem;
  private final Arena arena = newArena();
  private final MemorySegment data;
  private final DualMapping code;

  VirtMemStage(FaultySystem system) {
    super(system);
    virtMem = system.virtMem();
    data = virtMem.alloc(BYTE_SIZE, MemoryAccess.RW, Set.of(), arena);
    data.copyFrom(system.code(DATA));
    code = virtMem.allocDualMapping(BYTE_SIZE, Set.of(), arena);
    write(code, CODE);
  }

  VirtMem virtMem() {
    return virtMem;
  }

  /// Memory that can be read and written.
  MemorySegment data() {
    return data;
  }

  DualMapping code() {
    return code;
  }

  private void write(DualMapping mapping, int value) {
    try (ProtectJitReadWriteScope scope =
        virtMem.openReadWriteScope(mapping.rw(), CachePolicy.DEFAULT)) {
      scope.write(0, system().code(value));
    }
  }

  @Override
  void requireSound(boolean takesBack) {
    MemorySegment expected = system().code(DATA);
    if (data.asSlice(0, expected.byteSize()).mismatch(expected) != -1) {
      throw new AssertionError("Data was changed");
    }
    if (system().run(code.rx()) != CODE) {
      throw new AssertionError("Code was changed");
    }
  }

  @Override
  void proceed() {
    try (Arena own = Arena.ofConfined()) {
      DualMapping mapping = virtMem.allocDualMapping(BYTE_SIZE, Set.of(), own);
      write(mapping, 44);
      if (system().run(mapping.rx()) != 44) {
        throw new AssertionError("New code does not run");
      }
      virtMem.alloc(BYTE_SIZE, MemoryAccess.RW, Set.of(), own).fill((byte) 1);
    }
    write(code, CODE);
    data.asSlice(1_000).fill((byte) 1);
  }
}
