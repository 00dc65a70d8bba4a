// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AllocationTest {
  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final OwnedAllocator allocator =
      TestAllocators.owned(memory, JitAllocatorParameters.defaults());

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
  }

  @Test
  void nothingIsReservedBeforeTheFirstSpan() {
    assertThat(memory.regions).isEmpty();
    assertThat(allocator.statistics().addressSpaceBytes()).isZero();
  }

  @Test
  void aPoolDoublesAndThenGrowsByAnEighth() {
    long used = 0;
    for (long committed :
        new long[] {1, 2, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 27}) {
      while (used < (committed << 16) - 1024) {
        allocator.alloc(1024);
        used += 1024;
      }
      assertThat(memory.committedBytes()).isEqualTo(committed << 16);
    }
  }

  @Test
  void largeBlocksAreCommittedOneByOneAtFirst() {
    OwnedAllocator large =
        TestAllocators.owned(memory, JitAllocatorParameters.defaults().withBlockByteSize(1L << 20));
    for (int blocks = 1; blocks < 5; blocks++) {
      large.alloc((1 << 20) - 64);
      assertThat(memory.committedBytes()).isEqualTo((long) blocks << 20);
    }
  }

  @Test
  void writtenBytesAreFoundAtTheAddressOfTheSpan() {
    Span span = allocator.alloc(100);
    byte[] code = {1, 2, 3, 4};
    allocator.write(span, 8, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
    assertThat(memory.read(span.rx().address() + 8, 4)).isEqualTo(code);
    allocator.<RuntimeException>write(
        span,
        target -> {
          target.set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
          return 64;
        },
        CachePolicy.DEFAULT);
    assertThat(span.byteSize()).isEqualTo(64);
    assertThat(memory.read(span.rx().address(), 1)[0]).isEqualTo((byte) 9);
    assertThat(allocator.query(span.rx().asSlice(10))).contains(span);
    span.close();
    assertThat(span.isLive()).isFalse();
    assertThatThrownBy(span::rx).isInstanceOf(IllegalStateException.class);
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().blockCount()).isEqualTo(1);
  }

  @Test
  void aNamedSpanIsAskedForItsMemoryWhileOthersShrinkIt() {
    Span span = allocator.alloc(SpanRequest.of(4096).withName("shrunk"));
    long before = span.byteSize();
    allocator.shrink(span, 64);
    assertThat(span.rx().byteSize()).isEqualTo(64);
    // A reader that has read the size before
    assertThat(((SpanHandle) span).segment(before).byteSize()).isEqualTo(before);
    assertThat(span.rx().byteSize()).isEqualTo(64);
  }
}
