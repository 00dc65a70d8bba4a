// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.RegionHeap.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What the façade adds to its parts.
class RegionHeapTest {
  private static final int BLOCK = 128;

  private final RegionHeap heap = new RegionHeap(8, BLOCK, true);

  private Growth plan(int count, int step) {
    return Objects.requireNonNull(heap.planGrowth(count, 1, step));
  }

  private void grow(int count, int step) {
    heap.completeGrowth(plan(count, step));
  }

  /// Four blocks with a span in each.
  private void fill() {
    grow(BLOCK - 1, 4);
    for (int block = 1; block < 4; block++) {
      assertThat(heap.allocateWilderness(BLOCK)).isEqualTo(block * BLOCK);
    }
  }

  @Test
  void aHeapIsEmptyAtFirst() {
    assertThat(heap.capacity()).isEqualTo(8 * BLOCK);
    assertThat(heap.blockGranules()).isEqualTo(BLOCK);
    assertThat(heap.firstGranule(3)).isEqualTo(3 * BLOCK);
    assertThat(heap.committedBlocks()).isZero();
    assertThat(heap.isCommitted(0)).isFalse();
    assertThat(heap.allocate(1, 1)).isEqualTo(NONE);
    assertThat(heap.allocate(1, 2)).isEqualTo(NONE);
    assertThat(heap.allocateFreed(1)).isEqualTo(NONE);
    assertThat(heap.allocateWilderness(1)).isEqualTo(NONE);
    assertThat(heap.nextIdle(0)).isEqualTo(NONE);
    assertThat(heap.nextLive(0)).isEqualTo(NONE);
    assertThat(heap.findLive(0)).isEqualTo(NONE);
    assertThat(heap.coalescePart()).isFalse();
    assertThat(heap.check(false)).isEmpty();
  }

  @Test
  void whatIsAllocatedIsInUse() {
    grow(10, 2);
    assertThat(heap.committedBlocks()).isEqualTo(2);
    assertThat(heap.isCommitted(1)).isTrue();
    assertThat(heap.isCommitted(2)).isFalse();
    assertThat(heap.isIdle(1)).isTrue();
    assertThat(heap.allocate(200, 1)).isEqualTo(11);
    assertThat(heap.isIdle(1)).isFalse();
    assertThat(heap.free(11, 211)).isEqualTo(1);
    assertThat(heap.isIdle(1)).isTrue();
    assertThat(heap.nextIdle(0)).isEqualTo(1);
    assertThat(heap.allocateWilderness(120)).isEqualTo(11);
    assertThat(heap.isIdle(1)).isFalse();
    assertThat(heap.allocate(2, 64)).isEqualTo(192);
    assertThat(heap.endOf(192)).isEqualTo(194);
    assertThat(heap.free(1, 11)).isEqualTo(NONE);
    assertThat(heap.check(false)).containsExactly(new IntRange(11, 131), new IntRange(192, 194));
  }

  @Test
  void theBlockBeforeAnEdgeCanBeDecommittedOnceNoSpanStartsThere() {
    fill();
    assertThat(heap.allocate(1, 1)).isEqualTo(NONE);
    assertThat(heap.free(BLOCK, 2 * BLOCK)).isEqualTo(1);
    assertThat(heap.free(2 * BLOCK, 3 * BLOCK)).isEqualTo(2);
    heap.coalesceBlocks(1, 3);
    assertThat(heap.allocateFreed(200)).isEqualTo(BLOCK);
    heap.split(BLOCK, 2 * BLOCK, 328);
    heap.split(2 * BLOCK, 300, 328);
    assertThat(heap.free(BLOCK, 2 * BLOCK)).isEqualTo(1);
    assertThat(heap.free(300, 328)).as("no edge").isEqualTo(NONE);
    assertThat(heap.allocateFreed(28)).isEqualTo(300);
    assertThat(heap.free(2 * BLOCK, 300)).as("1 was pinned until now").isEqualTo(1);
    heap.check(false);
  }

  @Test
  void aSpanAtAnEdgeUnpinsNoBlockInUse() {
    fill();
    heap.split(2 * BLOCK, 2 * BLOCK + 10, 3 * BLOCK);
    assertThat(heap.free(2 * BLOCK, 2 * BLOCK + 10)).isEqualTo(NONE);
  }

  @Test
  void spansAreFoundButNotTheWilderness() {
    grow(10, 1);
    assertThat(heap.findLive(5)).isEqualTo(1);
    assertThat(heap.findLive(0)).isEqualTo(NONE);
    assertThat(heap.findLive(11)).as("the wilderness").isEqualTo(NONE);
    assertThat(heap.findLive(100)).isEqualTo(NONE);
    assertThat(heap.findLive(8 * BLOCK)).as("behind the region").isEqualTo(NONE);
    assertThat(heap.findLive(Integer.MAX_VALUE)).isEqualTo(NONE);
    assertThat(heap.nextLive(0)).isEqualTo(1);
    assertThat(heap.nextLive(2)).isEqualTo(NONE);
    assertThat(heap.nextLive(8 * BLOCK)).isEqualTo(NONE);
  }

  @Test
  void behindTablesOfFullChunksNothingIsFound() {
    RegionHeap full = new RegionHeap(32, BLOCK, false);
    full.completeGrowth(Objects.requireNonNull(full.planGrowth(4096, 1, 1)));
    assertThat(full.findLive(4095)).isZero();
    assertThat(full.findLive(4096)).isEqualTo(NONE);
    assertThat(full.nextLive(4095)).isEqualTo(NONE);
    assertThat(full.nextLive(4096)).isEqualTo(NONE);
  }

  @Test
  void reservedGranulesStayInUseUntilTheyAreFree() {
    grow(10, 2);
    int span = heap.allocate(200, 1);
    heap.reserve(span, span + 200);
    assertThat(heap.findLive(span)).isEqualTo(NONE);
    assertThat(heap.isIdle(1)).isFalse();
    heap.freeReserved(new IntRange(span, span));
    assertThat(heap.isIdle(1)).isFalse();
    heap.freeReserved(new IntRange(span, span + 200));
    assertThat(heap.isIdle(1)).isTrue();
    assertThat(heap.check(false)).hasSize(1);
  }

  @Test
  void anEmptyRangeIsNotFreed() {
    grow(10, 1);
    // In the middle of a span
    heap.freeReserved(new IntRange(5, 5));
    heap.freeReserved(new IntRange(5, 3));
    assertThat(heap.endOf(1)).isEqualTo(11);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11));
  }

  @Test
  void growthsEndInThreeWays() {
    heap.cancelGrowth(plan(10, 2));
    assertThat(heap.committedBlocks()).isZero();
    assertThat(heap.isCommitted(0)).isFalse();
    assertThat(heap.reserveGrowth(plan(10, 2))).isEqualTo(new IntRange(1, 2 * BLOCK));
    assertThat(heap.committedBlocks()).isEqualTo(2);
    grow(10, 1);
    assertThat(heap.committedBlocks()).isEqualTo(3);
    assertThat(heap.planGrowth(6 * BLOCK, 1, 1)).isNull();
    assertThat(heap.check(false)).containsExactly(new IntRange(2 * BLOCK, 2 * BLOCK + 10));
  }

  @Test
  void blocksAreDecommittedOrComeBack() {
    fill();
    heap.free(BLOCK, 2 * BLOCK);
    heap.free(2 * BLOCK, 3 * BLOCK);
    heap.coalesceBlocks(1, 3);
    assertThat(heap.emptyBlocksAround(2 * BLOCK)).isEqualTo(new IntRange(1, 3));
    assertThat(heap.coalesceAndTestPinned(2)).isTrue();
    assertThat(heap.coalesceAndTestPinned(1)).isFalse();
    IntRange block = new IntRange(1, 2);
    heap.beginDecommit(block);
    assertThat(heap.isCommitted(1)).isFalse();
    assertThat(heap.cancelDecommit(block)).isEqualTo(new IntRange(BLOCK, 2 * BLOCK));
    assertThat(heap.isCommitted(1)).isTrue();
    heap.check(false);
    heap.freeReserved(new IntRange(BLOCK, 2 * BLOCK));
    assertThat(heap.emptyBlocksAround(2 * BLOCK)).isEqualTo(new IntRange(1, 3));
    heap.beginDecommit(block);
    assertThatThrownBy(() -> heap.check(false)).hasMessageContaining("neither committed nor");
    heap.completeDecommit(block);
    assertThat(heap.committedBlocks()).isEqualTo(3);
    assertThat(heap.check(false)).hasSize(2);
  }

  @Test
  void theTickIsNotedForEachBlock() {
    heap.noteIdle(2, 4, 7);
    assertThat(heap.idleSince(1)).isZero();
    assertThat(heap.idleSince(2)).isEqualTo(7);
    assertThat(heap.idleSince(3)).isEqualTo(7);
    assertThat(heap.idleSince(4)).isZero();
  }

  @Test
  void pendingGranulesAreCoalescedInParts() {
    fill();
    heap.free(BLOCK, 2 * BLOCK);
    assertThat(heap.coalescePart()).isTrue();
    assertThat(heap.coalescePart()).isFalse();
  }

  /// Frees all spans in a row. So many of 256 granules stay pending, as no neighbour is looked at.
  private void freeAllButPending(int pending) {
    grow(pending - 10, 2);
    int last = heap.allocateWilderness(10);
    int[] row = new int[RegionHeap.BULK_FREE];
    for (int i = 0; i < row.length; i++) {
      row[i] = heap.allocateWilderness(20);
    }
    for (int i = row.length - 1; i >= 0; i--) {
      heap.free(row[i], row[i] + 20);
    }
    heap.free(1, last);
    heap.free(last, last + 10);
    assertThat(heap.check(false)).isEmpty();
  }

  @Test
  void tablesAreMadeAnewIfMoreThanAnEighthIsPending() {
    freeAllButPending(33);
    heap.resetIfMostlyPending();
    assertThat(heap.check(false)).isEmpty();
    assertThat(heap.coalescePart()).as("nothing is pending").isFalse();
    assertThat(heap.allocateWilderness(2 * BLOCK - 1)).isEqualTo(1);
  }

  @Test
  void tablesStayIfAnEighthIsPending() {
    freeAllButPending(32);
    heap.resetIfMostlyPending();
    assertThat(heap.check(false)).isEmpty();
    assertThat(heap.allocateWilderness(2 * BLOCK - 1)).isEqualTo(NONE);
    assertThat(heap.coalescePart()).isTrue();
    assertThat(heap.allocateWilderness(2 * BLOCK - 1)).isEqualTo(1);
  }

  @Test
  void memoryIsThatOfGranulesAndBlocks() {
    HeapParts parts = new HeapParts(8, BLOCK, true);
    assertThat(heap.metadataBytes())
        .isEqualTo(parts.granules.metadataBytes() + parts.blocks.metadataBytes());
  }
}
