// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Spans near an anchor, on real memory.
@OnLinux
class VicinityIT {
  private static final int CALL_BYTE_SIZE = 19;

  /// An address far from those that the system chooses itself, so that nothing else is mapped
  /// there.
  private static final MemorySegment REMOTE = MemorySegment.ofAddress(0x1800_0000_0000L);

  static Stream<JitAllocatorParameters> parameters() {
    return Stream.of(
        Services.parameters(),
        Services.parameters(USE_DUAL_MAPPING),
        Services.parameters(USE_DUAL_MAPPING, USE_MULTIPLE_POOLS));
  }

  private static SpanRequest near(long byteSize, Vicinity vicinity) {
    return SpanRequest.of(byteSize).withVicinity(vicinity);
  }

  /// A function `int f(void)` that calls one that takes a number: `mov edi, argument; sub rsp, 8;
  /// call target; add rsp, 8; ret`. The call is by a displacement of 32 bits.
  private static byte[] callOf(MemorySegment target, int argument, MemorySegment at) {
    ByteBuffer code = ByteBuffer.allocate(CALL_BYTE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    code.put((byte) 0xBF).putInt(argument).put(new byte[] {0x48, (byte) 0x83, (byte) 0xEC, 8});
    long next = at.address() + code.position() + 5;
    code.put((byte) 0xE8).putInt(Math.toIntExact(target.address() - next));
    return code.put(new byte[] {0x48, (byte) 0x83, (byte) 0xC4, 8, (byte) 0xC3}).array();
  }

  private static int runCall(
      OwnedJitAllocator allocator, Span span, MemorySegment target, int argument) {
    byte[] code = callOf(target, argument, span.rx());
    allocator.write(span, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
    return MachineCode.run(allocator, span);
  }

  /// With a region far away and spans in it before.
  @ParameterizedTest
  @MethodSource("parameters")
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void codeCallsALibraryByADisplacement(JitAllocatorParameters parameters) {
    MemorySegment abs = Linker.nativeLinker().defaultLookup().find("abs").orElseThrow();
    Vicinity vicinity = Vicinity.of(abs);
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create(parameters)) {
      Span far = allocator.alloc(near(64, Vicinity.of(REMOTE)));
      assertThat(vicinity.contains(far.rx())).isFalse();
      for (int i = 1; i < 300; i++) {
        Span span = allocator.alloc(near(i * 64L, vicinity));
        assertThat(vicinity.contains(span.rx())).isTrue();
        assertThat(runCall(allocator, span, abs, -i)).isEqualTo(i);
      }
      MachineCode.writeConstant(allocator, far, 7);
      Span caller = allocator.alloc(near(64, Vicinity.of(far.rx())));
      assertThat(runCall(allocator, caller, far.rx(), 0)).isEqualTo(7);
    }
  }

  @Test
  void theNextSpanNearTheSameAnchorLiesInTheSameRegion() {
    Vicinity vicinity = Vicinity.of(REMOTE);
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Span elsewhere = allocator.alloc(64);
      long first = allocator.statistics().addressSpaceBytes();
      assertThat(vicinity.contains(elsewhere.rx())).isFalse();
      allocator.alloc(near(64, vicinity));
      long second = allocator.statistics().addressSpaceBytes();
      assertThat(second).isGreaterThan(first);
      for (int i = 0; i < 100; i++) {
        assertThat(vicinity.contains(allocator.alloc(near(20_000, vicinity)).rx())).isTrue();
      }
      assertThat(allocator.statistics().addressSpaceBytes()).isEqualTo(second);
    }
  }

  @Test
  void spansOfArenasAndGroupsArePlacedAndEndWithThem() {
    Vicinity vicinity = Vicinity.of(REMOTE);
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      try (Arena arena = Arena.ofShared();
          CodeGroup group = allocator.openGroup()) {
        for (Span span :
            new Span[] {
              allocator.alloc(near(64, vicinity).withArena(arena)), group.alloc(near(64, vicinity))
            }) {
          assertThat(vicinity.contains(span.rx())).isTrue();
          MachineCode.writeConstant(allocator, span, 5);
          assertThat(MachineCode.run(allocator, span)).isEqualTo(5);
        }
      }
      assertThat(allocator.statistics().spanCount()).isZero();
    }
  }

  @Test
  void aVicinityWithoutRoomIsRefusedByNameAndNothingChanges() {
    Vicinity narrow = new Vicinity(REMOTE, 4095);
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
        Arena arena = Arena.ofConfined();
        CodeGroup group = allocator.openGroup()) {
      Span live = allocator.alloc(64);
      MachineCode.writeConstant(allocator, live, 9);
      long addresses = allocator.statistics().addressSpaceBytes();
      long reserved = allocator.statistics().reservedBytes();
      for (Runnable alloc :
          new Runnable[] {
            () -> allocator.alloc(near(64, narrow)),
            () -> allocator.alloc(near(64, narrow).withArena(arena)),
            () -> group.alloc(near(64, narrow))
          }) {
        assertThatThrownBy(alloc::run)
            .isInstanceOfSatisfying(
                VirtMemException.class,
                e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY))
            .hasMessageContaining("0x" + Long.toHexString(REMOTE.address() - 4095))
            .hasMessageContaining("greater reach");
      }
      assertThat(allocator.statistics().failureCount()).isEqualTo(3);
      assertThat(allocator.statistics().spanCount()).isEqualTo(1);
      assertThat(allocator.statistics().addressSpaceBytes()).isEqualTo(addresses);
      assertThat(allocator.statistics().reservedBytes()).isEqualTo(reserved);
      assertThat(MachineCode.run(allocator, live)).isEqualTo(9);
    }
  }
}
