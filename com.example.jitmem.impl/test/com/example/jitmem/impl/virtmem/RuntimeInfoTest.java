// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is told of the process when what is refused changes.
class RuntimeInfoTest {
  private static final int ENOMEM = 12;
  private static final CodeWriting ANONYMOUS = new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS);
  private static final CodeWriting MEMFD = new CodeWriting.DualMapped(Backing.MEMFD);

  private final TestSystem system = new TestSystem();
  private final DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);

  @AfterEach
  void nothingIsLeftMapped() {
    system.requireNothingMapped();
  }

  @Test
  void aShortageIsToldButNotAsHardeningAndNotForGood() {
    system.calls.refuse(ENOMEM, TestSystem.named("mmap"));
    HardenedRuntimeInfo shortOfMemory = virtMem.hardenedRuntimeInfo();
    assertThat(shortOfMemory.codeWriting()).isEqualTo(new CodeWriting.Unavailable());
    assertThat(shortOfMemory.flags()).isEmpty();
    assertThat(shortOfMemory.refusedWays())
        .hasSize(6)
        .extracting(RefusedWay::cause)
        .extracting(VirtMemException::reason)
        .containsOnly(VirtMemException.Reason.OUT_OF_MEMORY);
    system.calls.refuseNothing();
    HardenedRuntimeInfo later = virtMem.hardenedRuntimeInfo();
    assertThat(later.codeWriting()).isEqualTo(ANONYMOUS);
    assertThat(later.flags()).containsExactly(HardenedRuntimeFlag.DUAL_MAPPING);
    assertThat(later.refusedWays()).isEmpty();
    assertThat(virtMem.hardenedRuntimeInfo()).isSameAs(later);
  }

  @Test
  void aWayThatWasShortOfSomethingIsTriedAgainThoughTheNextOneWorked() {
    system.calls.refuse(ENOMEM, TestSystem.named("mremap"));
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting()).isEqualTo(MEMFD);
    system.calls.refuseNothing();
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting()).isEqualTo(ANONYMOUS);
  }

  @Test
  void aPolicyThatRefusesWritableCodeLaterIsToldOnceItHas() {
    assertThat(virtMem.hardenedRuntimeInfo().hasFlag(HardenedRuntimeFlag.ENABLED)).isFalse();
    system.calls.refuse(TestSystem.EACCES, TestSystem.WRITABLE_CODE);
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> virtMem.alloc(1, MemoryAccess.RWX, Set.of(), arena))
          .isInstanceOf(VirtMemException.class);
    }
    assertThat(virtMem.hardenedRuntimeInfo().hasFlag(HardenedRuntimeFlag.ENABLED)).isTrue();
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting()).isEqualTo(ANONYMOUS);
  }

  @Test
  void aPolicyThatRefusesToMakeMemoryExecutableLaterIsToldOnceItHas() {
    system.calls.refuse(TestSystem.EACCES, TestSystem.named("mremap", "memfd_create", "mkostemp"));
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting())
        .isEqualTo(new CodeWriting.WriteThenSeal());
    system.calls.refuse(
        TestSystem.EACCES, TestSystem.WRITABLE_CODE.or(TestSystem.GAINED_EXECUTION));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = virtMem.alloc(1, MemoryAccess.RW, Set.of(), arena);
      assertThatThrownBy(() -> virtMem.protect(memory, MemoryAccess.RX))
          .isInstanceOf(VirtMemException.class);
    }
    HardenedRuntimeInfo later = virtMem.hardenedRuntimeInfo();
    assertThat(later.codeWriting()).isEqualTo(new CodeWriting.Unavailable());
    assertThat(later.hasFlag(HardenedRuntimeFlag.ENABLED)).isTrue();
  }

  @Test
  void whatSaysNothingAboutCodeChangesNothing() {
    HardenedRuntimeInfo info = virtMem.hardenedRuntimeInfo();
    try (Arena arena = Arena.ofConfined()) {
      system.calls.refuse(TestSystem.EACCES, TestSystem.named("mmap"));
      assertThatThrownBy(() -> virtMem.alloc(1, MemoryAccess.RW, Set.of(), arena))
          .isInstanceOf(VirtMemException.class);
      system.calls.refuse(ENOMEM, TestSystem.named("mmap"));
      assertThatThrownBy(() -> virtMem.alloc(1, MemoryAccess.RWX, Set.of(), arena))
          .isInstanceOf(VirtMemException.class);
    }
    assertThat(virtMem.hardenedRuntimeInfo()).isSameAs(info);
  }
}
