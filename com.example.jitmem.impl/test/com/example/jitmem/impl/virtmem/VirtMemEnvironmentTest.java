// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/// Runs code in memory of every kind, as the environment test of AsmJit does.
class VirtMemEnvironmentTest {
  private static final long SIZE = 64 * 1024;
  private static final long OFFSET = 64;

  private final TestSystem system = new TestSystem();
  private final DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);

  @AfterEach
  void nothingIsLeftMapped() {
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  private void write(MemorySegment target, int value) {
    try (ProtectJitReadWriteScope scope = virtMem.openReadWriteScope(target, CachePolicy.DEFAULT)) {
      scope.write(OFFSET, system.code(value));
    }
  }

  private int run(MemorySegment code) {
    return system.run(code.asSlice(OFFSET));
  }

  @Test
  void codeRunsWhereItIsWritten() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(SIZE, MemoryAccess.RWX, Set.of(), arena);
      write(memory, 1);
      assertThat(run(memory)).isEqualTo(1);
      write(memory, 2);
      assertThat(run(memory)).isEqualTo(2);
    }
  }

  @Test
  void codeRunsAfterItsMemoryIsMadeExecutable() {
    Set<MapOption> options =
        Set.of(
            MapOption.MAX_ACCESS_READ,
            MapOption.MAX_ACCESS_WRITE,
            MapOption.MAX_ACCESS_EXECUTE,
            MapOption.MAP_JIT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(SIZE, MemoryAccess.RW, options, arena);
      write(memory, 3);
      virtMem.protect(memory, MemoryAccess.RX);
      assertThat(run(memory)).isEqualTo(3);
      assertThat(ProcessMaps.accessTo(memory.address(), SIZE)).isEqualTo("r-xp");
      virtMem.protect(memory, MemoryAccess.RW);
      write(memory, 4);
      virtMem.protect(memory, MemoryAccess.RX);
      assertThat(run(memory)).isEqualTo(4);
    }
  }

  @Test
  void codeWrittenThroughOneViewRunsInTheOther() {
    virtMem.protectJitMemory(ProtectJitAccess.READ_WRITE);
    dualMapping(
        views -> {
          write(views.rw(), 5);
          virtMem.flushInstructionCache(views.rx());
          assertThat(run(views.rx())).isEqualTo(5);
          assertThat(views.rx().isReadOnly()).isTrue();
          assertThat(ProcessMaps.accessTo(views.rx().address(), SIZE)).isEqualTo("r-xs");
          assertThat(ProcessMaps.accessTo(views.rw().address(), SIZE)).isEqualTo("rw-s");
        });
    virtMem.protectJitMemory(ProtectJitAccess.READ_EXECUTE);
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user writes /proc/self/maps itself")
  @Test
  void memfdTakesOverWhereMremapIsRefused() {
    system.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap"));
    dualMapping(
        views -> {
          assertThat(ProcessMaps.memfdCount()).isZero();
          write(views.rw(), 6);
          assertThat(run(views.rx())).isEqualTo(6);
        });
    assertThat(system.calls.made()).contains("memfd_create");
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_DONTFORK and does nothing")
  @Test
  void childrenMadeByForkCannotChangeCodeOfTheParent() {
    dualMapping(
        views -> {
          assertThat(ProcessMaps.flagsAt(views.rw().address())).contains("dc");
          assertThat(ProcessMaps.flagsAt(views.rx().address())).contains("dc");
        });
  }

  @Test
  void codeIsFlushedWhereItIsExecutedAndNotWhereItIsWritten() {
    Recorder recorder = new Recorder(system.os);
    WritingWays ways = new WritingWays(recorder.os());
    DefaultVirtMem recorded = new DefaultVirtMem(() -> ways);
    recorded.hardenedRuntimeInfo();
    int before = recorder.flushes().size();
    try (Arena arena = Arena.ofConfined()) {
      DualMapping views = recorded.allocDualMapping(SIZE, Set.of(), arena);
      for (CachePolicy policy : CachePolicy.values()) {
        try (ProtectJitReadWriteScope scope =
            recorded.openReadWriteScope(views.rw().asSlice(OFFSET), policy)) {
          scope.write(128, system.code(1));
        }
      }
      long written = views.rx().address() + OFFSET + 128;
      Recorder.Flush expected = new Recorder.Flush(written, system.code(1).byteSize());
      assertThat(recorder.flushes().subList(before, recorder.flushes().size()))
          .containsExactly(expected, expected);
    }
  }

  private void dualMapping(Consumer<DualMapping> use) {
    try (Arena arena = Arena.ofConfined()) {
      use.accept(virtMem.allocDualMapping(SIZE, Set.of(MapOption.PREFER_TMP), arena));
    }
  }
}
