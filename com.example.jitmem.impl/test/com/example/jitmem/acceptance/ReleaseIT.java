// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.Figures;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Only what is now the start of a live span is released; everything else is refused and changes
/// nothing. AsmJit 1.21 frees whatever lies there.
@OnLinux
class ReleaseIT {
  private static final long GRANULE = 64;

  private final OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
  private final List<Span> live = new ArrayList<>();

  /// Lays four spans side by side, each with a function that returns its number.
  @BeforeEach
  void allocateNeighbours() {
    for (int number = 0; number < 4; number++) {
      Span span = allocator.alloc(3 * GRANULE);
      MachineCode.writeConstant(allocator, span, number);
      live.add(span);
    }
  }

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void doubleReleaseIsRefusedAndKeepsTheNeighbours() {
    MemorySegment rx = live.get(1).rx();
    allocator.release(rx);
    live.remove(1);

    checkRefused(rx);
    checkRefused(rx);
    checkNewSpansLieApart();
  }

  @Test
  void addressInsideASpanIsRefused() {
    MemorySegment rx = live.get(2).rx();
    for (long offset : new long[] {1, 4, GRANULE - 1, GRANULE, 2 * GRANULE, 3 * GRANULE - 1}) {
      checkRefused(rx.asSlice(offset));
    }
    assertThat(allocator.query(rx).orElseThrow().byteSize()).isEqualTo(3 * GRANULE);
    checkNewSpansLieApart();
  }

  @Test
  void paddingAndFreeMemoryOfABlockAreRefused() {
    ProcessMaps maps = ProcessMaps.read();
    long block = maps.within(live.getFirst().rx().address(), 1).getFirst().start();
    long end = live.getLast().rx().address() + 3 * GRANULE;

    checkRefused(MemorySegment.ofAddress(block));
    checkRefused(MemorySegment.ofAddress(live.getFirst().rx().address() - GRANULE));
    checkRefused(MemorySegment.ofAddress(end));
    checkRefused(MemorySegment.ofAddress(end + GRANULE));
    checkNewSpansLieApart();
  }

  @Test
  void foreignAddressesAreRefused() {
    try (OwnedJitAllocator other = Services.allocator(USE_DUAL_MAPPING)) {
      Span foreign = other.alloc(64);
      checkRefused(foreign.rx());
      assertThat(foreign.isLive()).isTrue();
      checkRefused(MemorySegment.NULL);
      checkRefused(MemorySegment.ofAddress(-1));
      checkRefused(MemorySegment.ofAddress(Long.MIN_VALUE));
      checkRefused(MemorySegment.ofArray(new byte[64]));
      checkNewSpansLieApart();
    }
  }

  @Test
  void writableAddressOfASpanIsRefused() throws Exception {
    Span span = live.get(1);
    long[] rw = new long[1];
    allocator.write(
        span,
        target -> {
          rw[0] = target.address();
          return target.byteSize();
        },
        CachePolicy.NEVER_FLUSH);
    assertThat(rw[0]).isNotEqualTo(span.rx().address());
    checkRefused(MemorySegment.ofAddress(rw[0]));
  }

  @Test
  void reusedAddressBelongsToItsNewOwner() {
    Span old = live.remove(1);
    MemorySegment rx = old.rx();
    allocator.release(rx);
    Span owner = allocator.alloc(3 * GRANULE);
    assertThat(owner.rx().address()).as("the hole is used again").isEqualTo(rx.address());
    MachineCode.writeConstant(allocator, owner, 7);

    old.close();
    assertThat(old.isLive()).isFalse();
    assertThat(old).isNotEqualTo(owner);
    assertThat(owner.isLive()).isTrue();
    assertThat(MachineCode.run(allocator, owner)).isEqualTo(7);

    allocator.release(rx);
    assertThat(owner.isLive()).isFalse();
    checkRefused(rx);
  }

  @Test
  void handleFoundByQueryEndsTheSameSpan() {
    Span span = live.remove(1);
    MemorySegment rx = span.rx();
    Span found = allocator.query(rx.asSlice(GRANULE + 5, 0)).orElseThrow();
    assertThat(found).isEqualTo(span).hasSameHashCodeAs(span);
    assertThat(found.rx().address()).isEqualTo(rx.address());
    found.close();
    assertThat(span.isLive()).isFalse();

    Span owner = allocator.alloc(3 * GRANULE);
    span.close();
    found.close();
    assertThat(owner.isLive()).isTrue();
    assertThat(allocator.query(rx)).contains(owner);
    owner.close();
    assertThat(allocator.query(rx)).isEmpty();
  }

  private void checkRefused(MemorySegment rx) {
    Figures before = Figures.of(allocator);
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.release(rx));
    assertThat(Figures.of(allocator)).isEqualTo(before);
    for (Span span : live) {
      assertThat(span.isLive()).isTrue();
      assertThat(allocator.query(span.rx())).contains(span);
    }
  }

  /// Allocates more spans, which would be given memory that was freed by mistake.
  private void checkNewSpansLieApart() {
    LiveRanges ranges = new LiveRanges();
    List<Integer> numbers = live.stream().map(span -> MachineCode.run(allocator, span)).toList();
    live.forEach(ranges::add);
    for (int i = 0; i < 2000; i++) {
      Span span = allocator.alloc(GRANULE * (1 + i % 3));
      ranges.add(span);
      MachineCode.writeConstant(allocator, span, -1);
    }
    assertThat(live.stream().map(span -> MachineCode.run(allocator, span)).toList())
        .isEqualTo(numbers)
        .doesNotContain(-1);
  }
}
