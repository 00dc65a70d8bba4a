// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import org.junit.jupiter.api.Test;

/// Memory of spans that ended while they were written, with writers of both kinds.
class WriterSlotsTest {
  private static final long PLACE = 42;

  private final WriterSlots writers = new WriterSlots();
  private final WriterSlots.Withheld withheld;

  WriterSlotsTest() {
    OwnedAllocator allocator =
        TestAllocators.owned(new FakeCodeMemory(), JitAllocatorParameters.defaults());
    PlainSpan span = (PlainSpan) allocator.alloc(64);
    withheld =
        new WriterSlots.Withheld(span.region, new IntRange(span.start, span.start + 1), true);
  }

  @Test
  void aBriefWriterThatLeavesLastTellsThatMemoryWaits() {
    assertThat(writers.tryAnnounce(PLACE)).isTrue();
    assertThat(writers.isWritten(PLACE)).isTrue();
    writers.withhold(PLACE, withheld);
    assertThat(writers.collect()).isEmpty();
    assertThat(writers.leave(PLACE)).isTrue();
    assertThat(writers.collect()).containsExactly(withheld);
    assertThat(writers.hasLeftBehind()).isFalse();
  }

  @Test
  void memoryThatWaitsForACountedWriterIsNotForgottenByACollection() {
    writers.count(PLACE);
    assertThat(writers.tryAnnounce(PLACE)).isTrue();
    writers.withhold(PLACE, withheld);
    assertThat(writers.collect()).isEmpty();
    assertThat(writers.discount(PLACE)).isEmpty();
    assertThat(writers.leave(PLACE)).isTrue();
    assertThat(writers.collect()).containsExactly(withheld);
  }

  @Test
  void aCountedWriterThatLeavesLastGetsTheMemory() {
    writers.count(PLACE);
    writers.count(PLACE);
    writers.withhold(PLACE, withheld);
    assertThat(writers.discount(PLACE)).isEmpty();
    assertThat(writers.discount(PLACE)).containsExactly(withheld);
    assertThat(writers.isWritten(PLACE)).isFalse();
  }
}
