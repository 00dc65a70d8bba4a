// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import com.example.jitmem.impl.memory.FakeRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Spans near an anchor lie in regions that are wholly near it.
class VicinityAllocationTest {
  private static final long MIB = 1L << 20;

  /// Where the fake places nothing by itself.
  private static final MemorySegment FAR = MemorySegment.ofAddress(0x2000_0000_0000L);

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private OwnedAllocator allocator =
      TestAllocators.owned(memory, Configurations.all().findFirst().orElseThrow());

  static Stream<JitAllocatorParameters> configurations() {
    return Configurations.all();
  }

  @AfterEach
  void figuresAreThoseOfTheMemory() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(allocator.core());
    assertThat(allocator.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
    assertThat(allocator.statistics().addressSpaceBytes())
        .isEqualTo(memory.regions.values().stream().mapToLong(region -> region.byteSize).sum());
  }

  private static SpanRequest near(long byteSize, Vicinity vicinity) {
    return SpanRequest.of(byteSize).withVicinity(vicinity);
  }

  private FakeRegion regionOf(Span span) {
    return memory.regionOf(span.rx().address());
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void spansLieInOneRegionWithinTheVicinity(JitAllocatorParameters parameters) {
    allocator = TestAllocators.owned(memory, parameters);
    Vicinity vicinity = Vicinity.of(FAR);
    Span elsewhere = allocator.alloc(64);
    assertThat(vicinity.contains(elsewhere.rx())).isFalse();
    Span first = allocator.alloc(near(64, vicinity));
    assertThat(vicinity.contains(regionOf(first).rx())).isTrue();
    int pools = parameters.hasOption(JitAllocatorOption.USE_MULTIPLE_POOLS) ? 3 : 1;
    for (int i = 0; i < 100; i++) {
      Span next = allocator.alloc(near(5_000L * (i % 3 + 1), vicinity));
      assertThat(vicinity.contains(regionOf(next).rx())).isTrue();
    }
    Span aligned = allocator.alloc(near(64, vicinity).withByteAlignment(MIB));
    assertThat(aligned.rx().address() % MIB).isZero();
    assertThat(vicinity.contains(aligned.rx())).isTrue();
    assertThat(memory.regions).hasSizeLessThanOrEqualTo(1 + pools);
  }

  @Test
  void spansThatMayLieAnywhereLeaveRegionsNearAnAnchorAlone() {
    Span near = allocator.alloc(near(64, Vicinity.of(FAR)));
    for (int i = 0; i < 10; i++) {
      assertThat(regionOf(allocator.alloc(64))).isNotSameAs(regionOf(near));
    }
    assertThat(regionOf(allocator.alloc(near(64, Vicinity.of(FAR))))).isSameAs(regionOf(near));
  }

  @Test
  void aRegionThatIsNearAnywayIsUsed() {
    Span anchor = allocator.alloc(64);
    Span near = allocator.alloc(near(64, Vicinity.of(anchor.rx())));
    assertThat(regionOf(near)).isSameAs(regionOf(anchor));
    assertThat(memory.count(Call.RESERVE)).isEqualTo(1);
  }

  /// Half of the first region is out of reach, so one of that half's size is placed before it.
  @Test
  void aRegionOfWhichAPartIsFarIsNotUsedAndSmallerOnesAreTried() {
    Span first = allocator.alloc(64);
    MemorySegment start = MemorySegment.ofAddress(regionOf(first).address);
    long half = regionOf(first).byteSize / 2;
    Vicinity vicinity = new Vicinity(start, half);
    assertThat(vicinity.contains(first.rx())).isTrue();
    Span near = allocator.alloc(near(64, vicinity));
    assertThat(regionOf(near)).isNotSameAs(regionOf(first));
    assertThat(regionOf(near).byteSize).isEqualTo(half);
    assertThat(vicinity.contains(regionOf(near).rx())).isTrue();
  }

  @Test
  void aVicinityThatIsFullIsRefusedAndNothingChanges() {
    allocator.alloc(64);
    Vicinity narrow = new Vicinity(FAR, MIB);
    Span largest = allocator.alloc(near(900_000, narrow));
    long failures = allocator.statistics().failureCount();
    long addresses = allocator.statistics().addressSpaceBytes();
    long committed = memory.committedBytes();
    for (SpanRequest request :
        new SpanRequest[] {
          near(900_000, narrow), near(64, new Vicinity(FAR, 4095)), near(MIB, narrow)
        }) {
      assertThatThrownBy(() -> allocator.alloc(request))
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY))
          .hasMessageContaining(request.vicinity().orElseThrow().toString());
      failures++;
      SelfCheck.of(allocator.core());
      assertThat(allocator.statistics().failureCount()).isEqualTo(failures);
      assertThat(allocator.statistics().spanCount()).isEqualTo(2);
      assertThat(allocator.statistics().addressSpaceBytes()).isEqualTo(addresses);
      assertThat(memory.committedBytes()).isEqualTo(committed);
    }
    largest.close();
    assertThat(narrow.contains(allocator.alloc(near(900_000, narrow)).rx())).isTrue();
  }

  @Test
  void spansOfArenasAndGroupsArePlacedToo() {
    Vicinity vicinity = Vicinity.of(FAR);
    try (Arena arena = Arena.ofConfined();
        CodeGroup group = allocator.openGroup()) {
      Span inArena = allocator.alloc(near(64, vicinity).withArena(arena));
      Span inGroup = group.alloc(near(64, vicinity).withName("near"));
      Span named = allocator.alloc(near(64, vicinity).withName("near too"));
      for (Span span : new Span[] {inArena, inGroup, named}) {
        assertThat(vicinity.contains(span.rx())).isTrue();
      }
      assertThat(memory.regions).hasSize(1);
      assertThatThrownBy(() -> group.alloc(near(64, new Vicinity(FAR, 1))))
          .isInstanceOf(VirtMemException.class);
      named.close();
    }
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  @Test
  void regionsNearAnAnchorAreGivenBackToo() {
    Span elsewhere = allocator.alloc(64);
    Span near = allocator.alloc(near(64, Vicinity.of(FAR)));
    long address = near.rx().address();
    near.close();
    elsewhere.close();
    allocator.reset(ResetPolicy.HARD);
    assertThat(memory.isMapped(address)).isFalse();
    assertThat(allocator.statistics().addressSpaceBytes()).isZero();
  }
}
