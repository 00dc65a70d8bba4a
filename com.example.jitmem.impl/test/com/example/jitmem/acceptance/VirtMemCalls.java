// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.acceptance.RefusedCall.none;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemInfo;
import com.example.jitmem.testing.OtherThread;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Wrong calls of [VirtMem] and its values.
final class VirtMemCalls {
  private static final Set<MapOption> PLAIN = Set.of();
  private static final CachePolicy POLICY = CachePolicy.DEFAULT;

  private VirtMemCalls() {}

  static void addTo(RefusedCall.Table table, Scene scene) {
    VirtMem virtMem = Services.virtMem();
    addAlloc(table, scene, virtMem);
    addDualMapping(table, scene, virtMem);
    addNear(table, scene, virtMem);
    addProtect(table, scene, virtMem);
    addFlush(table, scene, virtMem);
    addReadWriteScope(table, scene, virtMem);
    addValues(table, virtMem);
  }

  private static void addAlloc(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String alloc = "VirtMem.alloc(long,Set,Set,Arena)";
    Set<MemoryAccess> access = MemoryAccess.RW;
    Arena arena = scene.arena;
    for (long byteSize : new long[] {0, -1, -4096, Long.MIN_VALUE, Long.MAX_VALUE}) {
      table.refusesArgument(
          alloc, "size " + byteSize, () -> virtMem.alloc(byteSize, access, PLAIN, arena));
    }
    table
        .refuses(
            alloc,
            "2^46 bytes",
            VirtMemException.class,
            () -> virtMem.alloc(1L << 46, access, PLAIN, arena))
        .refusesArgument(
            alloc,
            "less than a large page",
            () -> virtMem.alloc(4096, access, Set.of(MapOption.LARGE_PAGES), arena))
        .refusesNull(alloc, () -> virtMem.alloc(4096, none(), PLAIN, arena))
        .refusesNull(alloc, () -> virtMem.alloc(4096, access, none(), arena))
        .refusesNull(alloc, () -> virtMem.alloc(4096, access, PLAIN, none()))
        .refusesState(
            alloc, "closed arena", () -> virtMem.alloc(4096, access, PLAIN, scene.closedArena))
        .refusesThread(alloc, () -> virtMem.alloc(4096, access, PLAIN, scene.confinedElsewhere));
  }

  private static void addNear(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String alloc = "VirtMem.alloc(long,Set,Set,Vicinity,Arena)";
    String dual = "VirtMem.allocDualMapping(long,Set,Vicinity,Arena)";
    Vicinity all = new Vicinity(MemorySegment.NULL, Long.MAX_VALUE);
    Vicinity narrow = new Vicinity(MemorySegment.ofAddress(1L << 44), 4095);
    Set<MemoryAccess> access = MemoryAccess.RW;
    Arena arena = scene.arena;
    table
        .refuses(
            alloc,
            "more than the vicinity",
            VirtMemException.class,
            () -> virtMem.alloc(4097, access, PLAIN, narrow, arena))
        .refuses(
            dual,
            "more than the vicinity",
            VirtMemException.class,
            () -> virtMem.allocDualMapping(4097, PLAIN, narrow, arena))
        .refusesArgument(alloc, "no size", () -> virtMem.alloc(0, access, PLAIN, all, arena))
        .refusesArgument(dual, "no size", () -> virtMem.allocDualMapping(0, PLAIN, all, arena))
        .refusesState(
            alloc, "closed arena", () -> virtMem.alloc(1, access, PLAIN, all, scene.closedArena))
        .refusesState(
            dual, "closed arena", () -> virtMem.allocDualMapping(1, PLAIN, all, scene.closedArena))
        .refusesThread(alloc, () -> virtMem.alloc(1, access, PLAIN, all, scene.confinedElsewhere))
        .refusesThread(dual, () -> virtMem.allocDualMapping(1, PLAIN, all, scene.confinedElsewhere))
        .refusesNull(alloc, () -> virtMem.alloc(1, access, PLAIN, none(), arena))
        .refusesNull(dual, () -> virtMem.allocDualMapping(1, PLAIN, none(), arena));
  }

  private static void addDualMapping(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String alloc = "VirtMem.allocDualMapping(long,Set,Arena)";
    Arena arena = scene.arena;
    for (long byteSize : new long[] {0, -1, -4096, Long.MIN_VALUE, Long.MAX_VALUE}) {
      table.refusesArgument(
          alloc, "size " + byteSize, () -> virtMem.allocDualMapping(byteSize, PLAIN, arena));
    }
    table
        .refuses(
            alloc,
            "2^46 bytes",
            VirtMemException.class,
            () -> virtMem.allocDualMapping(1L << 46, PLAIN, arena))
        .refusesNull(alloc, () -> virtMem.allocDualMapping(4096, none(), arena))
        .refusesNull(alloc, () -> virtMem.allocDualMapping(4096, PLAIN, none()))
        .refusesState(
            alloc, "closed arena", () -> virtMem.allocDualMapping(4096, PLAIN, scene.closedArena))
        .refusesThread(alloc, () -> virtMem.allocDualMapping(4096, PLAIN, scene.confinedElsewhere));
  }

  private static void addProtect(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String protect = "VirtMem.protect(MemorySegment,Set)";
    Set<MemoryAccess> access = MemoryAccess.RW;
    MemorySegment memory = virtMem.alloc(8192, access, PLAIN, scene.arena);
    MemorySegment other = scene.arena.allocate(8192, 4096);
    table
        .refusesArgument(protect, "misaligned", () -> virtMem.protect(memory.asSlice(16), access))
        .refusesArgument(protect, "empty", () -> virtMem.protect(memory.asSlice(0, 0), access))
        .refusesArgument(protect, "foreign memory", () -> virtMem.protect(other, access))
        .refusesArgument(
            protect,
            "longer than what was allocated",
            () -> virtMem.protect(memory.reinterpret(1L << 20), access))
        .refusesArgument(protect, "heap segment", () -> virtMem.protect(scene.bytes, access))
        .refusesArgument(protect, "a span", () -> virtMem.protect(scene.live.rx(), access))
        .refusesNull(protect, () -> virtMem.protect(none(), access))
        .refusesNull(protect, () -> virtMem.protect(memory, none()))
        .refusesState(
            protect, "closed arena", () -> virtMem.protect(ofClosedArena(virtMem), access))
        .refusesThread(protect, () -> virtMem.protect(ofOtherThread(virtMem), access));
  }

  private static void addFlush(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String flush = "VirtMem.flushInstructionCache(MemorySegment)";
    table
        .refusesNull(flush, () -> virtMem.flushInstructionCache(none()))
        .refusesArgument(flush, "heap segment", () -> virtMem.flushInstructionCache(scene.bytes))
        .refusesState(
            flush, "closed arena", () -> virtMem.flushInstructionCache(scene.closedSegment))
        .refusesThread(flush, () -> virtMem.flushInstructionCache(scene.segmentElsewhere));
  }

  private static void addReadWriteScope(RefusedCall.Table table, Scene scene, VirtMem virtMem) {
    String open = "VirtMem.openReadWriteScope(MemorySegment,CachePolicy)";
    MemorySegment memory = virtMem.alloc(4096, MemoryAccess.RW, PLAIN, scene.arena);
    MemorySegment readOnly = virtMem.alloc(4096, MemoryAccess.RX, PLAIN, scene.arena);
    DualMapping dual = virtMem.allocDualMapping(4096, PLAIN, scene.arena);
    table
        .refusesNull(open, () -> virtMem.openReadWriteScope(none(), POLICY))
        .refusesNull(open, () -> virtMem.openReadWriteScope(memory, none()))
        .refusesArgument(
            open, "heap segment", () -> virtMem.openReadWriteScope(scene.bytes, POLICY))
        .refusesArgument(
            open,
            "foreign memory",
            () -> virtMem.openReadWriteScope(scene.arena.allocate(64), POLICY))
        .refusesArgument(open, "not writable", () -> virtMem.openReadWriteScope(readOnly, POLICY))
        .refusesArgument(
            open, "executable view", () -> virtMem.openReadWriteScope(dual.rx(), POLICY))
        .refusesState(
            open, "closed arena", () -> virtMem.openReadWriteScope(ofClosedArena(virtMem), POLICY))
        .refusesThread(open, () -> virtMem.openReadWriteScope(ofOtherThread(virtMem), POLICY));

    String write = "ProtectJitReadWriteScope.write(long,MemorySegment)";
    ProtectJitReadWriteScope closed = virtMem.openReadWriteScope(memory, POLICY);
    closed.close();
    ProtectJitReadWriteScope scope = virtMem.openReadWriteScope(memory, POLICY);
    ProtectJitReadWriteScope elsewhere =
        OtherThread.call(() -> virtMem.openReadWriteScope(memory, POLICY));
    for (long offset : new long[] {-1, 4081, 4096, Long.MAX_VALUE, Long.MIN_VALUE}) {
      table.refuses(
          write,
          "16 bytes at offset " + offset,
          IndexOutOfBoundsException.class,
          () -> scope.write(offset, scene.bytes));
    }
    table
        .refusesNull(write, () -> scope.write(0, none()))
        .refusesState(write, "closed scope", () -> closed.write(0, scene.bytes))
        .refusesThread(write, () -> elsewhere.write(0, scene.bytes))
        .refusesThread("ProtectJitReadWriteScope.close()", elsewhere::close);
  }

  private static void addValues(RefusedCall.Table table, VirtMem virtMem) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
    table
        .refusesNull("Vicinity.of(MemorySegment)", () -> Vicinity.of(none()))
        .refusesArgument("Vicinity.of(MemorySegment)", "on the heap", () -> Vicinity.of(bytes))
        .refusesNull(
            "Vicinity.contains(MemorySegment)",
            () -> Vicinity.of(MemorySegment.NULL).contains(none()))
        .refusesArgument(
            "Vicinity(MemorySegment,long)", "reach of 0", () -> new Vicinity(MemorySegment.NULL, 0))
        .refusesNull(
            "VirtMem.protectJitMemory(ProtectJitAccess)", () -> virtMem.protectJitMemory(none()))
        .refusesArgument(
            "DualMapping(MemorySegment,MemorySegment)",
            "different sizes",
            () -> new DualMapping(bytes, bytes.asSlice(1)))
        .refusesArgument(
            "VirtMemInfo(long,long)", "page of 3000", () -> new VirtMemInfo(3000, 4096))
        .refusesArgument("VirtMemInfo(long,long)", "page of 0", () -> new VirtMemInfo(0, 4096))
        .refusesArgument(
            "VirtMemInfo(long,long)", "page of -2^63", () -> new VirtMemInfo(Long.MIN_VALUE, 4096))
        .refusesArgument(
            "VirtMemInfo(long,long)", "granularity of 2048", () -> new VirtMemInfo(4096, 2048))
        .refusesArgument(
            "VirtMemInfo(long,long)", "granularity of 5000", () -> new VirtMemInfo(4096, 5000));
  }

  private static MemorySegment ofClosedArena(VirtMem virtMem) {
    try (Arena arena = Arena.ofConfined()) {
      return virtMem.alloc(4096, MemoryAccess.RW, PLAIN, arena);
    }
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static MemorySegment ofOtherThread(VirtMem virtMem) {
    return OtherThread.call(() -> virtMem.alloc(4096, MemoryAccess.RW, PLAIN, Arena.ofConfined()));
  }
}
