// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/// Code runs in pages of [VirtMem], in each of the ways that AsmJit tests its environment for: 64
/// KiB are mapped, a function is written some bytes behind the start, and run.
@OnLinux
class PagesIT {
  private static final long BYTE_SIZE = 64 * 1024;
  private static final long ENTRY = 64;
  private static final Set<MapOption> PLAIN = Set.of();
  private static final Set<MapOption> MAX_ACCESS =
      EnumSet.of(
          MapOption.MAX_ACCESS_READ, MapOption.MAX_ACCESS_WRITE, MapOption.MAX_ACCESS_EXECUTE);

  private final VirtMem virtMem = Services.virtMem();
  private final OwnedJitAllocator allocator = Services.allocator();
  private final JitRuntime runtime = Services.runtime(allocator);

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void codeRunsInPagesThatAreWritableAndExecutable() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(BYTE_SIZE, MemoryAccess.RWX, PLAIN, arena);
      for (int value = 0; value < 10; value++) {
        assertThat(writeAndRun(memory, memory, value)).isEqualTo(value);
      }
    }
  }

  @Test
  void codeRunsInPagesThatAreWrittenFirstAndExecutableAfterwards() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(BYTE_SIZE, MemoryAccess.RW, MAX_ACCESS, arena);
      for (int value = 0; value < 10; value++) {
        write(memory, value);
        virtMem.protect(memory, MemoryAccess.RX);
        checkAccess(memory, "r-x");
        assertThat(run(memory)).isEqualTo(value);
        virtMem.protect(memory, MemoryAccess.RW);
        checkAccess(memory, "rw-");
      }
    }
  }

  @Test
  void codeWrittenThroughOneViewRunsInTheOther() {
    try (Arena arena = Arena.ofConfined()) {
      DualMapping mapping = virtMem.allocDualMapping(BYTE_SIZE, PLAIN, arena);
      assertThat(mapping.byteSize()).isEqualTo(BYTE_SIZE);
      checkAccess(mapping.rx(), "r-x");
      checkAccess(mapping.rw(), "rw-");
      for (int value = 0; value < 10; value++) {
        assertThat(writeAndRun(mapping.rw(), mapping.rx(), value)).isEqualTo(value);
      }
    }
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_DONTFORK and does nothing")
  @Test
  void processesMadeByForkGetNeitherView() {
    try (Arena arena = Arena.ofConfined()) {
      DualMapping mapping = virtMem.allocDualMapping(BYTE_SIZE, PLAIN, arena);
      for (MemorySegment view : new MemorySegment[] {mapping.rx(), mapping.rw()}) {
        assertThat(ProcessMaps.flagsAt(view.address())).contains("dc");
      }
    }
  }

  @Test
  void scopesWriteThroughTheViewThatIsWritable() {
    try (Arena arena = Arena.ofConfined()) {
      DualMapping mapping = virtMem.allocDualMapping(BYTE_SIZE, PLAIN, arena);
      MemorySegment part = mapping.rw().asSlice(ENTRY, 100);
      try (ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(part, CachePolicy.FLUSH_AFTER_WRITE)) {
        scope.write(0, MemorySegment.ofArray(MachineCode.constant(8)));
      }
      assertThat(run(mapping.rx())).isEqualTo(8);
    }
  }

  @Test
  void memoryReadsAsZeroAndEndsWithItsArena() {
    MemorySegment memory;
    DualMapping mapping;
    try (Arena arena = Arena.ofShared()) {
      memory = virtMem.alloc(100, MemoryAccess.RW, PLAIN, arena);
      mapping = virtMem.allocDualMapping(100, PLAIN, arena);
      for (MemorySegment each : new MemorySegment[] {memory, mapping.rx(), mapping.rw()}) {
        assertThat(each.byteSize()).isEqualTo(100);
        assertThat(each.address() % virtMem.info().pageSize()).isZero();
        assertThat(each.toArray(JAVA_BYTE)).containsOnly(0);
      }
    }
    assertThatIllegalStateException().isThrownBy(() -> memory.get(JAVA_BYTE, 0));
    assertThatIllegalStateException().isThrownBy(() -> mapping.rx().get(JAVA_BYTE, 0));
  }

  @Test
  void reservedAddressesAreNotAccessible() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(1L << 32, MemoryAccess.NONE, PLAIN, arena);
      checkAccess(memory, "---");
      MemorySegment part = memory.asSlice(1L << 31, BYTE_SIZE);
      virtMem.protect(part, MemoryAccess.RW);
      checkAccess(part, "rw-");
      write(part, 1);
    }
  }

  @Test
  void factsFitTogether() {
    assertThat(virtMem.info().pageGranularity()).isGreaterThanOrEqualTo(virtMem.info().pageSize());
    assertThat(virtMem.info()).isEqualTo(virtMem.info());
    assertThat(virtMem.largePageSize().orElse(virtMem.info().pageSize()))
        .isGreaterThanOrEqualTo(virtMem.info().pageSize());
    assertThat(virtMem.hardenedRuntimeInfo().hasFlag(HardenedRuntimeFlag.DUAL_MAPPING)).isTrue();
    assertThat(virtMem.hardenedRuntimeInfo().hasFlag(HardenedRuntimeFlag.MAP_JIT)).isFalse();
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting())
        .isInstanceOf(CodeWriting.DualMapped.class);
    virtMem.protectJitMemory(ProtectJitAccess.READ_WRITE);
    virtMem.protectJitMemory(ProtectJitAccess.READ_EXECUTE);
  }

  private int writeAndRun(MemorySegment written, MemorySegment executed, int value) {
    write(written, value);
    return run(executed);
  }

  private static void write(MemorySegment memory, int value) {
    byte[] code = MachineCode.constant(value);
    MemorySegment.copy(code, 0, memory, JAVA_BYTE, ENTRY, code.length);
  }

  private int run(MemorySegment executed) {
    virtMem.flushInstructionCache(executed);
    return MachineCode.call(runtime.bind(executed.asSlice(ENTRY), MachineCode.CONSTANT_TYPE));
  }

  private static void checkAccess(MemorySegment memory, String access) {
    assertThat(ProcessMaps.read().within(memory.address(), memory.byteSize()))
        .isNotEmpty()
        .allMatch(mapping -> mapping.access().startsWith(access));
  }
}
