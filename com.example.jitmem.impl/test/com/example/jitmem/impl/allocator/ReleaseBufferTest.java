// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many releases in a row: the next operation must not see that the tables learn of them late.
class ReleaseBufferTest {
  private static final int SPANS = 220;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Deque<Runnable> ticks = new ArrayDeque<>();
  private final OwnedAllocator allocator = open(JitAllocatorParameters.defaults());
  private final SpanCore core = allocator.core();
  private final List<Span> spans = new ArrayList<>();

  private OwnedAllocator open(JitAllocatorParameters parameters) {
    OwnedAllocator opened = new OwnedAllocator(memory, parameters, ticks::add, System::nanoTime);
    opened.core().releases.takeAll();
    return opened;
  }

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(core);
    assertThat(core.releases.isEmpty()).isTrue();
  }

  /// Makes spans and closes every second one, so that some wait to be entered.
  private void releaseHalf() {
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1024));
    }
    for (int i = 0; i < SPANS; i += 2) {
      spans.get(i).close();
    }
    assertThat(core.releases.isEmpty()).isFalse();
  }

  private long addressOf(int index) {
    PlainSpan span = (PlainSpan) spans.get(index);
    return span.region.address() + span.offset();
  }

  @Test
  void spansThatWaitHaveEnded() {
    releaseHalf();
    for (int i = 0; i < SPANS; i++) {
      assertThat(spans.get(i).isLive()).isEqualTo(i % 2 == 1);
    }
    assertThatThrownBy(spans.get(SPANS - 2)::byteSize).isInstanceOf(IllegalStateException.class);
    assertThat(spans.get(SPANS - 1).byteSize()).isEqualTo(1024);
    spans.get(SPANS - 2).close();
    assertThat(allocator.statistics().spanCount()).isEqualTo(SPANS / 2);
  }

  @Test
  void statisticsCountThem() {
    releaseHalf();
    assertThat(allocator.statistics().usedBytes()).isEqualTo(SPANS / 2 * 1024);
    releaseOthers();
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().blockCount()).isEqualTo(1);
  }

  private void releaseOthers() {
    for (int i = 1; i < SPANS; i += 2) {
      spans.get(i).close();
    }
  }

  @Test
  void queriesDoNotFindThem() {
    releaseHalf();
    assertThat(allocator.query(MemorySegment.ofAddress(addressOf(SPANS - 2)))).isEmpty();
    assertThat(allocator.query(MemorySegment.ofAddress(addressOf(SPANS - 1)))).isPresent();
  }

  @Test
  void theirAddressesCannotBeReleasedAgain() {
    releaseHalf();
    MemorySegment address = MemorySegment.ofAddress(addressOf(SPANS - 2));
    assertThatThrownBy(() -> allocator.release(address))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allocationsGetTheirMemory() {
    releaseHalf();
    long committed = memory.committedBytes();
    for (int i = 0; i < SPANS / 2; i++) {
      allocator.alloc(1024);
    }
    assertThat(memory.committedBytes()).isEqualTo(committed);
  }

  @Test
  void resetCountsThemOnce() {
    releaseHalf();
    allocator.reset(ResetPolicy.HARD);
    assertThat(spans).noneMatch(Span::isLive);
    assertThat(allocator.statistics().reservedBytes()).isZero();
  }

  @Test
  void closingTheAllocatorEndsTheRest() {
    releaseHalf();
    allocator.close();
    assertThat(spans).noneMatch(Span::isLive);
  }

  @Test
  void aTickGivesTheirMemoryBack() {
    releaseHalf();
    releaseOthers();
    for (int i = 0; i < 3 && !ticks.isEmpty(); i++) {
      ticks.remove().run();
    }
    assertThat(core.releases.isEmpty()).isTrue();
    assertThat(memory.committedBytes()).isEqualTo(65536);
  }

  @Test
  void aTickIsAskedForThoughNoBlockIsKnownToBeEmpty() {
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1024));
    }
    while (!ticks.isEmpty()) {
      ticks.remove().run();
    }
    spans.subList(0, 20).forEach(Span::close);
    assertThat(core.releases.isEmpty()).isFalse();
    ticks.remove().run();
    assertThat(core.releases.isEmpty()).isTrue();
    assertThat(ticks).isEmpty();
  }

  @Test
  void aSpanThatIsWrittenKeepsItsMemory() {
    releaseHalf();
    PlainSpan written = (PlainSpan) spans.get(1);
    long place = written.region.place(written.start);
    assertThat(core.writers.tryAnnounce(place)).isTrue();
    releaseOthers();
    SelfCheck.of(core);
    assertThat(core.writers.withheld()).hasSize(1);
    assertThat(core.writers.leave(place)).isTrue();
    Reclaimer.collectWritten(core);
    assertThat(core.writers.withheld()).isEmpty();
  }

  /// Makes spans and shrinks all of them, so that some wait to be entered.
  private void shrinkAll() {
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1024));
    }
    for (Span span : spans) {
      allocator.shrink(span, 300);
    }
    assertThat(core.releases.isEmpty()).isFalse();
  }

  @Test
  void spansThatWereShrunkHaveTheirNewSize() {
    shrinkAll();
    for (Span span : spans) {
      assertThat(span.byteSize()).isEqualTo(320);
      assertThat(span.rx().byteSize()).isEqualTo(320);
    }
    assertThat(core.releases.isEmpty()).isFalse();
    assertThat(allocator.statistics().usedBytes()).isEqualTo(SPANS * 320);
    long committed = memory.committedBytes();
    for (int i = 0; i < SPANS; i++) {
      allocator.alloc(704);
    }
    assertThat(memory.committedBytes()).isEqualTo(committed);
  }

  @Test
  void aSpanIsShrunkAgainAndClosedWhileItWaits() {
    shrinkAll();
    Span last = spans.get(SPANS - 1);
    allocator.shrink(last, 320);
    allocator.shrink(last, 64);
    assertThat(last.byteSize()).isEqualTo(64);
    last.close();
    Span other = spans.get(SPANS - 2);
    allocator.shrink(other, 64);
    assertThat(core.releases.isEmpty()).isFalse();
    assertThat(allocator.statistics().usedBytes()).isEqualTo((SPANS - 2) * 320 + 64);
    assertThatThrownBy(() -> allocator.shrink(last, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSpanDoesNotGrowWhileItWaits() {
    shrinkAll();
    Span last = spans.get(SPANS - 1);
    for (long byteSize : new long[] {0, 321, 1024, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> allocator.shrink(last, byteSize))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("320");
    }
    assertThat(last.byteSize()).isEqualTo(320);
  }

  @Test
  void allObjectsOfASpanKnowThatItWasShrunk() {
    shrinkAll();
    Span last = spans.get(SPANS - 1);
    Span found = allocator.query(last.rx()).orElseThrow();
    assertThat(found.byteSize()).isEqualTo(320);
    allocator.shrink(found, 64);
    assertThat(last.byteSize()).isEqualTo(64);
    assertThat(allocator.query(MemorySegment.ofAddress(addressOf(SPANS - 1) + 64))).isEmpty();
    allocator.shrink(last, 1);
    last.close();
    assertThat(found.isLive()).isFalse();
  }

  @Test
  void whatAWriterLosesWaitsForIt() {
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1024));
    }
    PlainSpan written = (PlainSpan) spans.get(SPANS / 2);
    long place = written.region.place(written.start);
    assertThat(core.writers.tryAnnounce(place)).isTrue();
    spans.forEach(span -> allocator.shrink(span, 64));
    SelfCheck.of(core);
    assertThat(core.writers.withheld())
        .containsExactly(
            new WriterSlots.Withheld(
                written.region, new IntRange(written.start + 1, written.start + 16), false));
    assertThat(core.writers.leave(place)).isTrue();
    Reclaimer.collectWritten(core);
    assertThat(core.writers.withheld()).isEmpty();
  }

  @Test
  void aWriterMayCutASpanThatWaits() {
    shrinkAll();
    Span last = spans.get(SPANS - 1);
    allocator.write(last, 100L, (target, needed) -> needed, CachePolicy.DEFAULT);
    assertThat(last.byteSize()).isEqualTo(128);
    last.close();
    assertThat(allocator.statistics().usedBytes()).isEqualTo((SPANS - 1) * 320);
  }

  @Test
  void aSpanThatWaitsIsClosedWhereOthersDoNotWait() {
    OwnedAllocator usual = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    for (int i = 0; i < 20_000; i++) {
      spans.add(usual.alloc(1024));
    }
    for (int i = 0; i < 20; i++) {
      usual.shrink(spans.get(i % 2 * 10_000 + i), 64);
    }
    assertThat(usual.core().releases.isEmpty()).isFalse();
    // Next to the one before
    spans.get(10_019).close();
    assertThat(usual.core().releases.isEmpty()).isTrue();
    usual.shrink(spans.get(10_018), 64);
    SelfCheck.of(usual.core());
    assertThat(usual.statistics().usedBytes()).isEqualTo(20_000 * 1024 - 1024 - 20 * 960);
  }

  @Test
  void memoryThatIsToGoAtOnceDoesNotWait() {
    OwnedAllocator immediate =
        open(JitAllocatorParameters.defaults().with(JitAllocatorOption.IMMEDIATE_RELEASE));
    List<Span> all = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      all.add(immediate.alloc(1024));
    }
    all.forEach(Span::close);
    assertThat(immediate.core().releases.isEmpty()).isTrue();
    assertThat(memory.committedBytes()).isZero();
  }

  @Test
  void whereThereIsLittleMemoryNoneWait() {
    OwnedAllocator usual = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    for (int i = 0; i < SPANS; i++) {
      spans.add(usual.alloc(1024));
    }
    spans.forEach(Span::close);
    assertThat(usual.core().releases.isEmpty()).isTrue();
  }

  @Test
  void whereThereIsMuchThoseFarFromTheOneBeforeWait() {
    OwnedAllocator usual = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    for (int i = 0; i < 20_000; i++) {
      spans.add(usual.alloc(1024));
    }
    spans.subList(0, 100).forEach(Span::close);
    assertThat(usual.core().releases.isEmpty()).isTrue();
    spans.get(10_000).close();
    assertThat(usual.core().releases.isEmpty()).isFalse();
    spans.get(10_001).close();
    assertThat(usual.statistics().spanCount()).isEqualTo(20_000 - 102);
    SelfCheck.of(usual.core());
  }
}
