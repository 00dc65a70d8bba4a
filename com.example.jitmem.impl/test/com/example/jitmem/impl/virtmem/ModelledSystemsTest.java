// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.macos.MacModel;
import com.example.jitmem.impl.os.macos.MacOs;
import com.example.jitmem.impl.os.windows.WindowsModel;
import com.example.jitmem.impl.os.windows.WindowsOs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything above the port on models of systems that are not there: code is written and runs, on
/// x86-64 as the models say.
@EnabledOnOs(architectures = "amd64", disabledReason = "The models run x86-64 code")
class ModelledSystemsTest {
  private static final CodeWriting DIRECT = new CodeWriting.Direct();
  private static final CodeWriting TOGGLED = new CodeWriting.ThreadToggled();
  private static final CodeWriting SECTION = new CodeWriting.DualMapped(Backing.SECTION);
  private static final CodeWriting REMAPPED = new CodeWriting.DualMapped(Backing.REMAPPED);
  private static final long REGION = 2L * 1024 * 1024;
  private static final long BLOCK = 64 * 1024;

  private final WindowsModel windows = new WindowsModel();
  private final MacModel intel = new MacModel(false);
  private final MacModel apple = new MacModel(true);
  private final Os onWindows = new WindowsOs(windows, Processor.X86_64);
  private final Os onIntel = new MacOs(intel, Processor.X86_64, MacOs.Kind.REMAPPED, intel);
  private final Os onApple = new MacOs(apple, Processor.X86_64, MacOs.Kind.TOGGLED, apple);

  /// A way of writing code on one of the systems.
  enum Case {
    WINDOWS_DIRECT,
    WINDOWS_SECTION,
    WINDOWS_SEALED,
    INTEL_DIRECT,
    INTEL_REMAPPED,
    APPLE_TOGGLED
  }

  private Os os(Case one) {
    return switch (one) {
      case WINDOWS_DIRECT, WINDOWS_SECTION, WINDOWS_SEALED -> onWindows;
      case INTEL_DIRECT, INTEL_REMAPPED -> onIntel;
      case APPLE_TOGGLED -> onApple;
    };
  }

  private static CodeWriting way(Case one) {
    return switch (one) {
      case WINDOWS_DIRECT, INTEL_DIRECT -> DIRECT;
      case WINDOWS_SECTION -> SECTION;
      case WINDOWS_SEALED -> new CodeWriting.WriteThenSeal();
      case INTEL_REMAPPED -> REMAPPED;
      case APPLE_TOGGLED -> TOGGLED;
    };
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(windows.balance()).isEqualTo(WindowsModel.settled());
    assertThat(intel.balance()).isEqualTo("pages 0");
    assertThat(apple.balance()).isEqualTo("pages " + apple.routines);
  }

  private static MemorySegment code(int value) {
    return MemorySegment.ofArray(Processor.X86_64.returning(value));
  }

  @Test
  void theFirstWayOnWindowsIsASection() {
    WritingWays ways = new WritingWays(onWindows);
    HardenedRuntimeInfo info = ways.hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(SECTION);
    assertThat(info.flags()).containsExactly(HardenedRuntimeFlag.DUAL_MAPPING);
    assertThat(info.refusedWays()).isEmpty();
    assertThat(ways.direct().way()).isEqualTo(DIRECT);
  }

  @Test
  void arbitraryCodeGuardLeavesNoWay() {
    windows.forbidsDynamicCode = true;
    WritingWays ways = new WritingWays(onWindows);
    assertThat(ways.hardenedRuntimeInfo().codeWriting()).isEqualTo(new CodeWriting.Unavailable());
    assertThatThrownBy(ways::any)
        .isInstanceOf(VirtMemException.class)
        .hasMessageContainingAll("Arbitrary Code Guard", "VirtualAlloc", "MapViewOfFile3");
  }

  @Test
  void memoryIsMappedTwiceOnMacOsOnX86() {
    HardenedRuntimeInfo info = new WritingWays(onIntel).hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(REMAPPED);
    assertThat(info.flags()).containsExactly(HardenedRuntimeFlag.DUAL_MAPPING);
  }

  @Test
  void threadsToggleOnMacOsOnAArch64() {
    WritingWays ways = new WritingWays(onApple);
    HardenedRuntimeInfo info = ways.hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(TOGGLED);
    assertThat(info.flags())
        .containsExactlyInAnyOrder(HardenedRuntimeFlag.MAP_JIT, HardenedRuntimeFlag.ENABLED);
    assertThat(ways.separate().way()).isEqualTo(TOGGLED);
    assertThat(ways.any().way()).isEqualTo(TOGGLED);
    assertThatThrownBy(() -> ways.dual(false)).hasMessageContaining("cannot map the same memory");
    assertThatThrownBy(ways::direct).hasMessageContaining("Apple silicon");
  }

  @ParameterizedTest
  @EnumSource
  void codeRunsInBlocksThatComeAndGo(Case one) {
    codeRunsInBlocksThatComeAndGo(os(one), way(one));
  }

  @ParameterizedTest
  @EnumSource
  void codeRunsInBlocksThatComeAndGoWithoutHoles(Case one) {
    Os os = os(one);
    CodeRegion other = new SystemCodeMemory(os, way(one), false).reserve(REGION);
    for (long offset = 0; offset < REGION; offset += 2 * BLOCK) {
      other.commit(offset, BLOCK);
    }
    codeRunsInBlocksThatComeAndGo(os, way(one));
    other.release();
  }

  private static void codeRunsInBlocksThatComeAndGo(Os os, CodeWriting way) {
    CodeRegion region = new SystemCodeMemory(os, way, false).reserve(REGION);
    for (int round = 0; round < 3; round++) {
      region.commit(BLOCK, 3 * BLOCK);
      for (int block = 1; block <= 3; block++) {
        region.write(block * BLOCK, code(block), CachePolicy.DEFAULT);
      }
      region.decommit(2 * BLOCK, BLOCK);
      assertThat(os.run(region.rx().address() + 3 * BLOCK)).isEqualTo(3);
      region.commit(2 * BLOCK, BLOCK);
      region.write(2 * BLOCK, code(42), CachePolicy.DEFAULT);
      assertThat(os.run(region.rx().address() + 2 * BLOCK)).isEqualTo(42);
      assertThat(os.run(region.rx().address() + BLOCK)).isEqualTo(1);
      region.decommit(BLOCK, 3 * BLOCK);
    }
    region.release();
  }

  @ParameterizedTest
  @EnumSource
  void sessionsWriteAndFillsFill(Case one) {
    Os os = os(one);
    SystemCodeMemory memory = new SystemCodeMemory(os, way(one), false);
    CodeRegion region = memory.reserve(REGION);
    region.commit(0, 2 * BLOCK);
    region.fill(0, 2 * BLOCK, 0x0BADF00D);
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      for (int i = 0; i < 3; i++) {
        session.writable(region, BLOCK + 64L * i, 64).copyFrom(code(i));
        session.written(region, BLOCK + 64L * i, 64);
      }
    }
    for (int i = 0; i < 3; i++) {
      assertThat(os.run(region.rx().address() + BLOCK + 64L * i)).isEqualTo(i);
    }
    assertThat(region.rx().get(ValueLayout.JAVA_INT, BLOCK + 3 * 64)).isEqualTo(0x0BADF00D);
    assertThat(region.rx().get(ValueLayout.JAVA_INT, 2 * BLOCK - 4)).isEqualTo(0x0BADF00D);
    region.release();
  }

  @Test
  void bothViewsOfADualMappingAreGoneWithTheirArena() {
    for (Os os : new Os[] {onWindows, onIntel}) {
      WritingWays ways = new WritingWays(os);
      DefaultVirtMem virtMem = new DefaultVirtMem(() -> ways);
      try (Arena arena = Arena.ofConfined()) {
        DualMapping views = virtMem.allocDualMapping(BLOCK, Set.of(), arena);
        try (ProtectJitReadWriteScope scope =
            virtMem.openReadWriteScope(views.rw(), CachePolicy.DEFAULT)) {
          scope.write(0, code(7));
        }
        assertThat(os.run(views.rx().address())).isEqualTo(7);
        virtMem.protectJitMemory(ProtectJitAccess.READ_WRITE);
      }
    }
  }

  @Test
  void mapJitMemoryIsWrittenByScopesOnly() {
    WritingWays ways = new WritingWays(onApple);
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> ways);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory =
          virtMem.alloc(BLOCK, MemoryAccess.RWX, Set.of(MapOption.MAP_JIT), arena);
      try (ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(memory, CachePolicy.DEFAULT)) {
        scope.write(64, code(8));
        scope.write(128, memory.asSlice(64, 6));
        assertThatThrownBy(() -> scope.write(BLOCK - 5, code(9)))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThat(onApple.run(memory.address() + 64)).isEqualTo(8);
      assertThat(onApple.run(memory.address() + 128)).isEqualTo(8);
      assertThatThrownBy(() -> virtMem.protectJitMemory(ProtectJitAccess.READ_WRITE))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> virtMem.allocDualMapping(BLOCK, Set.of(), arena))
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED));
    }
  }
}
