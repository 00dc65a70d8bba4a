// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import com.example.jitmem.testing.GarbageCollection;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Memory stays mapped as long as code in it can be reached, and no longer.
class MappingLifetimeTest {
  private static final JitAllocatorParameters DEFAULTS = JitAllocatorParameters.defaults();
  private static final int ROUNDS = 200;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Deque<Runnable> ticks = new ArrayDeque<>();

  /// What the program still holds.
  private final List<Object> reached = new ArrayList<>();

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
  }

  @Test
  void anAllocatorThatIsDroppedIsUnmapped() throws InterruptedException {
    new OwnedAllocator(memory, DEFAULTS).alloc(64);
    awaitUnmapped();
  }

  @Test
  void aSegmentKeepsADroppedAllocatorMapped() throws InterruptedException {
    reached.add(new OwnedAllocator(memory, DEFAULTS).alloc(64).rx().asSlice(16, 16));
    collect();
    assertThat(memory.regions).hasSize(1);
    reached.clear();
    awaitUnmapped();
  }

  @Test
  void aSegmentKeepsTheMemoryOfAClosedAllocatorMapped() throws InterruptedException {
    OwnedAllocator allocator = new OwnedAllocator(memory, DEFAULTS);
    reached.add(allocator.alloc(64).rx());
    allocator.close();
    collect();
    assertThat(memory.regions).hasSize(1);
    reached.clear();
    awaitUnmapped();
    assertThat(allocator.statistics().spanCount()).isZero();
  }

  @Test
  void aClosedAllocatorWithoutSpansIsUnmappedAtOnce() {
    OwnedAllocator allocator = new OwnedAllocator(memory, DEFAULTS);
    allocator.alloc(64).close();
    assertThat(memory.regions).hasSize(1);
    allocator.close();
    assertThat(memory.regions).isEmpty();
  }

  @Test
  void aRetiredAllocatorIsUnmappedWhenItsViewsAreGone() throws InterruptedException {
    SharedAllocator shared = new SharedAllocator(memory, DEFAULTS);
    reached.add(shared.openView("one").alloc(64));
    shared.retire();
    collect();
    assertThat(memory.regions).hasSize(1);
    reached.clear();
    awaitUnmapped();
    assertThat(shared.requestedParameters()).isEqualTo(DEFAULTS);
  }

  @Test
  void aLiveAllocatorStaysMappedWhenItsViewsAreGone() {
    SharedAllocator shared = new SharedAllocator(memory, DEFAULTS);
    shared.openView("one").alloc(64);
    collect();
    assertThat(memory.regions).hasSize(1);
    assertThat(shared.holdings()).hasSize(1);
    assertThat(shared.openView("two").alloc(64).isLive()).isTrue();
    SelfCheck.of(shared.core());
  }

  @Test
  void anArenaKeepsTheMemoryOfADroppedAllocatorMapped() throws InterruptedException {
    try (Arena arena = Arena.ofShared()) {
      new OwnedAllocator(memory, DEFAULTS).alloc(64, arena);
      collect();
      assertThat(memory.regions).hasSize(1);
    }
    awaitUnmapped();
  }

  @Test
  void aTickAfterADroppedAllocatorWasUnmappedMakesNoCall() throws InterruptedException {
    reached.add(allocatorWithEmptyBlocks().core());
    awaitUnmapped();
    long calls = memory.callCount();
    while (!ticks.isEmpty()) {
      ticks.remove().run();
    }
    assertThat(memory.callCount()).isEqualTo(calls);
  }

  @Test
  void aDroppedAllocatorIsNotUnmappedWhileATickGivesMemoryBack() throws InterruptedException {
    reached.add(allocatorWithEmptyBlocks().core());
    boolean[] collected = {false};
    memory.fail(
        (call, number) -> {
          if (call == Call.DECOMMIT && !collected[0]) {
            collected[0] = true;
            collect();
          }
          return null;
        });
    while (!ticks.isEmpty()) {
      ticks.remove().run();
    }
    assertThat(collected).containsExactly(true);
    awaitUnmapped();
  }

  private OwnedAllocator allocatorWithEmptyBlocks() {
    OwnedAllocator allocator = new OwnedAllocator(memory, DEFAULTS, ticks::add, System::nanoTime);
    long byteSize = allocator.parameters().blockByteSize();
    Stream.generate(() -> allocator.alloc(byteSize)).limit(10).toList().forEach(Span::close);
    assertThat(ticks).isNotEmpty();
    return allocator;
  }

  private void awaitUnmapped() throws InterruptedException {
    for (int i = 0; i < ROUNDS && memory.released.getCount() > 0; i++) {
      System.gc();
      var _ = memory.released.await(20, TimeUnit.MILLISECONDS);
    }
    assertThat(memory.regions).isEmpty();
  }

  private static void collect() {
    GarbageCollection.repeat(5);
  }
}
