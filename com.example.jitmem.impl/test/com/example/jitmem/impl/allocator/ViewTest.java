// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosedChecker") // arenas end in the middle of a test
class ViewTest {
  private static final JitAllocatorParameters DEFAULTS = JitAllocatorParameters.defaults();
  private static final MemorySegment CODE = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final SharedAllocator shared = TestAllocators.shared(memory, DEFAULTS);
  private final AllocatorView one = shared.openView("one");
  private final AllocatorView two = shared.openView("two");

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
    SelfCheck.of(shared.core());
  }

  @Test
  void aViewFindsSpansOfAnotherButCannotTouchThem() {
    Span span = one.alloc(100);
    Span seen = two.query(span.rx().asSlice(99)).orElseThrow();
    assertThat(seen).isEqualTo(span);
    assertThat(seen.rx().address()).isEqualTo(span.rx().address());
    assertThat(seen.rx().isReadOnly()).isTrue();
    assertThatThrownBy(seen::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one");
    assertThatThrownBy(() -> two.release(seen.rx())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.shrink(seen, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.write(seen, 0, CODE, CachePolicy.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class);
    two.reset(ResetPolicy.HARD);
    assertThat(span.isLive()).isTrue();
    assertThat(one.query(span.rx()).orElseThrow().rx().address()).isEqualTo(span.rx().address());
    span.close();
    assertThat(seen.isLive()).isFalse();
    seen.close();
  }

  @Test
  void figuresAndHoldingsAreKeptPerView() {
    Span span = one.alloc(100);
    Span other = two.alloc(SpanRequest.of(1000).withName("kernel"));
    assertThat(one.statistics().ownSpanCount()).isEqualTo(1);
    assertThat(one.statistics().ownUsedBytes()).isEqualTo(128);
    assertThat(one.statistics().usedBytes()).isEqualTo(128 + 1024);
    assertThat(shared.holdings())
        .containsExactly(new Holding("one", 1, 128), new Holding("two", 1, 1024));
    two.shrink(other, 64);
    span.close();
    assertThat(shared.holdings()).containsExactly(new Holding("two", 1, 64));
    assertThat(other.name()).contains("kernel");
    assertThat(shared.statistics().metadataBytes()).isPositive();
    assertThat(shared.statistics().peakSpanCount()).isEqualTo(2);
    assertThat(shared.statistics().peakUsedBytes()).isEqualTo(128 + 1024);
  }

  @Test
  void newParametersHoldForNewSpansAndOldSpansStay() {
    Span old = one.alloc(64);
    JitAllocatorParameters coarse = DEFAULTS.withGranuleByteSize(256);
    shared.reconfigure(coarse);
    assertThat(one.parameters()).isEqualTo(coarse);
    Span fresh = one.alloc(64);
    assertThat(fresh.byteSize()).isEqualTo(256);
    assertThat(old.byteSize()).isEqualTo(64);
    assertThat(one.statistics().drainingBytes()).isEqualTo(65536);
    one.write(old, 0, CODE, CachePolicy.DEFAULT);
    assertThat(two.query(old.rx())).contains(old);
    one.release(old.rx());
    assertThat(one.statistics().drainingBytes()).isZero();
    assertThat(memory.regions).hasSize(1);
    assertThat(shared.core().generations.all()).hasSize(1);
  }

  @Test
  void goingBackRevivesADrainingGeneration() {
    Span old = one.alloc(64);
    shared.reconfigure(DEFAULTS.withGranuleByteSize(256));
    shared.reconfigure(DEFAULTS);
    Span again = one.alloc(64);
    assertThat(again.rx().address()).isEqualTo(old.rx().address() + 64);
    assertThat(shared.core().generations.all()).hasSize(1);
    assertThat(memory.requests).hasSize(2);
    shared.reconfigure(DEFAULTS);
    assertThat(memory.requests).hasSize(2);
  }

  @Test
  void rejectedParametersChangeNothing() {
    one.alloc(64);
    memory.failEvery(Call.OPEN);
    assertThatThrownBy(() -> shared.reconfigure(DEFAULTS.withGranuleByteSize(256)))
        .isInstanceOf(VirtMemException.class);
    assertThat(shared.requestedParameters()).isEqualTo(DEFAULTS);
    assertThat(one.alloc(64).byteSize()).isEqualTo(64);
    assertThat(one.statistics().drainingBytes()).isZero();
  }

  @Test
  void aViewOfARetiredAllocatorSaysThatItHasEnded() {
    shared.retire();
    AllocatorView late = shared.openView("three");

    assertThatThrownBy(() -> late.alloc(64))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended");
    assertThatThrownBy(late::openGroup).isInstanceOf(IllegalStateException.class);
    assertThat(late.statistics().ownSpanCount()).isZero();
    assertThat(late.requestedParameters()).isEqualTo(DEFAULTS);
  }

  @Test
  void aRetiredAllocatorKeepsLiveSpansAndLetsThemEnd() {
    Span span = one.alloc(64);
    shared.retire();
    shared.retire();
    assertThatThrownBy(() -> one.alloc(64)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> shared.reconfigure(DEFAULTS.withGranuleByteSize(256)))
        .isInstanceOf(IllegalStateException.class);
    one.write(span, 0, CODE, CachePolicy.DEFAULT);
    assertThat(two.query(span.rx())).contains(span);
    assertThat(shared.holdings()).hasSize(1);
    span.close();
    assertThat(memory.regions).isEmpty();
    assertThat(shared.holdings()).isEmpty();
  }

  @Test
  void aRetiredAllocatorWithoutSpansIsUnmappedAtOnce() {
    one.alloc(64).close();
    assertThat(memory.regions).hasSize(1);
    shared.retire();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void resetIsRefusedWhileASpanHasAnArena() {
    Span closable = one.alloc(64);
    Arena arena = Arena.ofShared();
    Span scoped = one.alloc(64, arena);
    assertThatThrownBy(() -> one.reset(ResetPolicy.SOFT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena");
    two.reset(ResetPolicy.SOFT);
    assertThat(closable.isLive()).isTrue();
    assertThat(scoped.isLive()).isTrue();
    arena.close();
    one.reset(ResetPolicy.SOFT);
    assertThat(closable.isLive()).isFalse();
  }

  @Test
  void effectiveParametersSayWhatWasGranted() {
    JitAllocatorParameters wished =
        DEFAULTS.with(
            JitAllocatorOption.USE_LARGE_PAGES, JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE);
    shared.reconfigure(wished);
    assertThat(shared.requestedParameters()).isEqualTo(wished);
    assertThat(shared.parameters()).isEqualTo(DEFAULTS);
    memory.largePageSize = 2 << 20;
    SharedAllocator large = TestAllocators.shared(memory, wished);
    assertThat(large.parameters()).isEqualTo(wished.withBlockByteSize(2 << 20));
    memory.codeWriting = new CodeWriting.Direct();
    SharedAllocator direct = TestAllocators.shared(memory, DEFAULTS);
    assertThat(direct.parameters().options()).isEmpty();
    assertThat(direct.codeWriting()).isEqualTo(new CodeWriting.Direct());
  }

  @Test
  void largeBlocksAreCommittedInWhole() {
    memory.largePageSize = 2 << 20;
    SharedAllocator large =
        TestAllocators.shared(
            memory,
            DEFAULTS.with(
                JitAllocatorOption.USE_LARGE_PAGES,
                JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE));
    AllocatorView view = large.openView("large");
    view.alloc(64);
    assertThat(large.statistics().reservedBytes()).isEqualTo(2 << 20);
    assertThat(large.statistics().largePageBytes()).isEqualTo(2 << 20);
  }

  @Test
  void poolsAreChosenByDivisibility() {
    SharedAllocator pools =
        TestAllocators.shared(memory, DEFAULTS.with(JitAllocatorOption.USE_MULTIPLE_POOLS));
    AllocatorView view = pools.openView("pools");
    for (long byteSize : new long[] {64, 128, 256, 320}) {
      view.alloc(byteSize);
    }
    assertThat(pools.core().generations.current().pools())
        .extracting(pool -> pool.regions().getFirst().held())
        .containsExactly(2, 1, 1);
    assertThat(pools.statistics().usedBytes()).isEqualTo(64 + 128 + 256 + 320);
    SelfCheck.of(pools.core());
  }
}
