// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What AsmJit's allocator does wrong, each as a test of the right behaviour.
class AsmJitDefectTest {
  private static final JitAllocatorParameters DEFAULTS = JitAllocatorParameters.defaults();
  private static final long MIB = 1L << 20;

  private final FakeCodeMemory memory = new FakeCodeMemory();

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
  }

  @Test
  void aSpanNeverRunsPastTheEndOfCommittedMemory() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS.withBlockByteSize(128 << 10));
    List<Span> spans = fill(allocator, 2047, 64);
    spans.get(2046).close();
    spans.get(2030).close();
    Span span = allocator.alloc(128);
    assertThat(memory.isCommitted(span.rx().address(), 128)).isTrue();
    assertThat(allocator.query(span.rx().asSlice(127))).contains(span);
    SelfCheck.of(coreOf(allocator));
  }

  @Test
  void blocksEmptiedInAnyOrderAreGivenBack() {
    for (JitAllocatorOption[] options :
        new JitAllocatorOption[][] {{}, {JitAllocatorOption.IMMEDIATE_RELEASE}}) {
      for (int order = 0; order < 3; order++) {
        OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS.with(options));
        List<Span> spans = fill(allocator, 3000, 1024);
        if (order == 1) {
          Collections.reverse(spans);
        } else if (order == 2) {
          Collections.shuffle(spans, new Random(1));
        }
        spans.forEach(Span::close);
        assertThat(allocator.statistics().spanCount()).isZero();
        assertThat(allocator.statistics().blockCount()).isEqualTo(options.length == 0 ? 1 : 0);
        assertThat(memory.committedBytes()).isEqualTo(options.length == 0 ? 65536 : 0);
        allocator.close();
        assertThat(memory.regions).isEmpty();
      }
    }
  }

  @Test
  void oneSpanAllocatedAndReleasedLeavesNothingWithImmediateRelease() {
    OwnedAllocator allocator =
        TestAllocators.owned(memory, DEFAULTS.with(JitAllocatorOption.IMMEDIATE_RELEASE));
    allocator.alloc(100).close();
    assertThat(allocator.statistics().reservedBytes()).isZero();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void adjacentFreeSpansAtTheEndOfAFullBlockAreUsedAgain() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS);
    List<Span> spans = fill(allocator, 1023, 64);
    assertThat(allocator.statistics().blockCount()).isEqualTo(1);
    long expected = spans.get(1021).rx().address();
    spans.get(1022).close();
    spans.get(1021).close();
    assertThat(allocator.alloc(128).rx().address()).isEqualTo(expected);
    assertThat(allocator.statistics().blockCount()).isEqualTo(1);
  }

  @Test
  void onlyTheStartOfALiveSpanIsReleased() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS);
    List<Span> spans = fill(allocator, 3, 256);
    long first = spans.get(0).rx().address();
    allocator.release(MemorySegment.ofAddress(first));
    for (long wrong : new long[] {first, first - 64, first + 256 + 64, first + 256 + 1, 0, 64}) {
      assertThatThrownBy(() -> allocator.release(MemorySegment.ofAddress(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Long.toHexString(wrong));
    }
    assertThat(spans.get(1).isLive()).isTrue();
    assertThat(spans.get(2).isLive()).isTrue();
    assertThat(spans.get(1).byteSize()).isEqualTo(256);
    assertThat(allocator.statistics().spanCount()).isEqualTo(2);
    assertThat(allocator.query(MemorySegment.ofAddress(first))).isEmpty();
    SelfCheck.of(coreOf(allocator));
  }

  @Test
  void softResetFillsReleasedCode() {
    OwnedAllocator allocator =
        TestAllocators.owned(memory, DEFAULTS.with(JitAllocatorOption.FILL_UNUSED_MEMORY));
    Span span = allocator.alloc(4096);
    long address = span.rx().address();
    byte[] code = new byte[4096];
    Arrays.fill(code, (byte) 0x5A);
    allocator.write(span, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
    allocator.reset(ResetPolicy.SOFT);
    assertThat(memory.isCommitted(address, 4096)).isTrue();
    Arrays.fill(code, (byte) FakeCodeMemory.TRAP);
    assertThat(memory.read(address, 4096)).isEqualTo(code);
  }

  @Test
  void resetClearsEveryCounterAndForgetsTheKeptBlock() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS);
    fill(allocator, 2, 100);
    allocator.reset(ResetPolicy.HARD);
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().usedBytes()).isZero();
    assertThat(allocator.statistics().reservedBytes()).isZero();
    assertThat(memory.regions).isEmpty();
    allocator.alloc(100).close();
    assertThat(allocator.statistics().blockCount()).as("a block is kept again").isEqualTo(1);
    allocator.reset(ResetPolicy.SOFT);
    allocator.reset(ResetPolicy.SOFT);
    assertThat(allocator.statistics().blockCount()).isEqualTo(1);
  }

  @Test
  void anAllocatorWorksFromItsConstructionToItsEnd() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS);
    assertThat(allocator.parameters()).isEqualTo(DEFAULTS);
    assertThat(allocator.alloc(1).isLive()).isTrue();
    allocator.close();
    assertThatThrownBy(() -> allocator.alloc(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void oneHugeSpanDoesNotMakeLaterSmallOnesCommitMore() {
    OwnedAllocator allocator = TestAllocators.owned(memory, DEFAULTS);
    Span huge = allocator.alloc(1024 * MIB);
    long before = allocator.statistics().reservedBytes();
    for (int i = 0; i < 3000; i++) {
      allocator.alloc(64);
    }
    assertThat(allocator.statistics().reservedBytes() - before).isLessThanOrEqualTo(4 * 65536);
    huge.close();
    allocator.reset(ResetPolicy.SOFT);
    assertThat(allocator.statistics().reservedBytes()).as("the kept block").isEqualTo(65536);
  }

  @Test
  void releasedMemoryIsFilledThroughTheExecutedAddress() {
    OwnedAllocator allocator =
        TestAllocators.owned(memory, DEFAULTS.with(JitAllocatorOption.FILL_UNUSED_MEMORY));
    Span span = allocator.alloc(1024);
    Span neighbour = allocator.alloc(64);
    long before = memory.count(Call.FILL);
    long writes = memory.count(Call.WRITABLE) + memory.count(Call.WRITE);
    allocator.shrink(span, 512);
    span.close();
    assertThat(memory.count(Call.FILL)).isEqualTo(before + 2);
    assertThat(memory.count(Call.WRITABLE) + memory.count(Call.WRITE)).isEqualTo(writes);
    assertThat(neighbour.isLive()).isTrue();
  }

  private static SpanCore coreOf(AllocatorView view) {
    return view.core();
  }

  private static List<Span> fill(OwnedAllocator allocator, int count, long byteSize) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      spans.add(allocator.alloc(byteSize));
    }
    return spans;
  }
}
