// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockDecommitTest {
  private static final int BLOCK = 128;

  private final HeapParts heap = new HeapParts(8, BLOCK, true);
  private final Blocks blocks = heap.blocks;
  private final BlockDecommit decommit = heap.decommit;

  /// Six blocks with a span in each.
  private static void fill(HeapParts heap) {
    heap.grow(BLOCK - heap.blocks.padding(), 6);
    for (int block = 1; block < 6; block++) {
      assertThat(heap.allocate(BLOCK)).isEqualTo(block * BLOCK);
    }
  }

  private static IntRange blocks(int first, int end) {
    return new IntRange(first, end);
  }

  @Test
  void emptyBlocksLieInsideOfAFreeRun() {
    fill(heap);
    assertThat(decommit.emptyBlocksAround(2 * BLOCK).isEmpty()).isTrue();
    assertThat(decommit.emptyBlocksAround(7 * BLOCK).isEmpty()).isTrue();
    heap.freeAtOnce(2 * BLOCK, 4 * BLOCK);
    assertThat(decommit.emptyBlocksAround(2 * BLOCK)).isEqualTo(blocks(2, 4));
    assertThat(decommit.emptyBlocksAround(4 * BLOCK - 1)).isEqualTo(blocks(2, 4));
    heap.granules.reserveFree(2 * BLOCK, 2 * BLOCK + 1);
    heap.granules.reserveFree(4 * BLOCK - 1, 4 * BLOCK);
    assertThat(decommit.emptyBlocksAround(3 * BLOCK).isEmpty()).isTrue();
  }

  @Test
  void aBlockThatIsFreeFromItsSecondGranuleOnIsNotEmpty() {
    fill(heap);
    heap.freeAtOnce(2 * BLOCK, 4 * BLOCK);
    heap.granules.reserveFree(2 * BLOCK, 2 * BLOCK + 1);
    assertThat(decommit.emptyBlocksAround(3 * BLOCK)).isEqualTo(blocks(3, 4));
  }

  @Test
  void aBlockIsEmptyBehindItsPadding() {
    fill(heap);
    heap.freeAtOnce(1, BLOCK);
    assertThat(decommit.emptyBlocksAround(1)).isEqualTo(blocks(0, 1));
    heap.granules.reserveFree(1, 2);
    assertThat(decommit.emptyBlocksAround(2).isEmpty()).isTrue();
  }

  @Test
  void theEmptyBlocksOfNoFreeRunAreNone() {
    assertThat(decommit.emptyBlocksAround(BLOCK)).isEqualTo(IntRange.EMPTY);
  }

  @Test
  void aBlockBeforeASpanIsPinned() {
    fill(heap);
    heap.freeAtOnce(2 * BLOCK, 4 * BLOCK);
    assertThat(decommit.coalesceAndTestPinned(1)).as("free memory follows").isFalse();
    assertThat(decommit.coalesceAndTestPinned(2)).as("free memory follows").isFalse();
    assertThat(decommit.coalesceAndTestPinned(3)).isTrue();
    assertThat(decommit.coalesceAndTestPinned(5)).as("nothing follows").isFalse();
    decommit.begin(blocks(2, 3));
    assertThat(decommit.coalesceAndTestPinned(2)).as("padding follows").isFalse();
  }

  @Test
  void aPendingRunPinsNoBlock() {
    fill(heap);
    heap.freeAtOnce(BLOCK, 2 * BLOCK);
    heap.granules.coalescer().defer(2 * BLOCK, 3 * BLOCK);
    assertThat(heap.tags.kind(2 * BLOCK)).isEqualTo(PENDING);
    assertThat(decommit.coalesceAndTestPinned(1)).isFalse();
    assertThat(heap.free.runAt(2 * BLOCK)).isEqualTo(new IntRange(BLOCK, 3 * BLOCK));
  }

  @Test
  void onlyWhatIsPendingBehindTheEdgeIsCoalesced() {
    heap.grow(BLOCK - 1, 3);
    int first = heap.allocate(64);
    int second = heap.allocate(64);
    heap.allocate(1);
    heap.granules.coalescer().defer(second, second + 64);
    assertThat(decommit.coalesceAndTestPinned(0)).isTrue();
    assertThat(heap.tags.kind(second)).isEqualTo(PENDING);
    heap.granules.coalescer().defer(first, first + 64);
    assertThat(decommit.coalesceAndTestPinned(0)).isFalse();
    assertThat(heap.free.runAt(first)).isEqualTo(new IntRange(first, second + 64));
  }

  @Test
  void withoutPaddingNoBlockIsPinned() {
    HeapParts unpadded = new HeapParts(8, BLOCK, false);
    fill(unpadded);
    unpadded.freeAtOnce(2 * BLOCK, 3 * BLOCK);
    assertThat(unpadded.decommit.coalesceAndTestPinned(2)).isFalse();
    unpadded.decommit(2, 3);
    assertThat(unpadded.blocks.committed().isPadded(3)).isFalse();
    unpadded.check(false);
  }

  @Test
  void blocksLeaveAllTables() {
    fill(heap);
    heap.freeAtOnce(2 * BLOCK, 5 * BLOCK);
    decommit.begin(blocks(2, 4));
    assertThat(blocks.committedCount()).isEqualTo(4);
    assertThat(blocks.committedRuns()).containsExactly(blocks(0, 2), blocks(4, 6));
    assertThat(blocks.uncommitted().contains(2)).isFalse();
    assertThat(blocks.committed().isPadded(4)).as("a run begins there").isTrue();
    assertThat(heap.tags.kind(4 * BLOCK)).isEqualTo(RESERVED);
    assertThat(heap.free.runAt(4 * BLOCK + 1)).isEqualTo(new IntRange(4 * BLOCK + 1, 5 * BLOCK));
    heap.check(true);
    decommit.complete(blocks(2, 4));
    assertThat(blocks.uncommitted().contains(2)).isTrue();
    assertThat(blocks.uncommitted().contains(3)).isTrue();
    heap.check(false);
  }

  @Test
  void paddingLeavesWithItsBlock() {
    fill(heap);
    heap.freeAtOnce(1, 2 * BLOCK);
    heap.decommit(0, 1);
    assertThat(heap.tags.isStart(0)).isFalse();
    assertThat(heap.tags.kind(0)).isZero();
    assertThat(blocks.committed().isPadded(0)).isFalse();
    assertThat(blocks.committed().isPadded(1)).isTrue();
    heap.check(false);
    decommit.begin(blocks(1, 2));
    assertThat(blocks.committed().isPadded(2)).as("a span begins there").isTrue();
  }

  @Test
  void theEndMovesBackToTheLastBlock() {
    fill(heap);
    heap.freeAtOnce(3 * BLOCK, 6 * BLOCK);
    assertThat(heap.free.top()).isEqualTo(3 * BLOCK);
    heap.decommit(4, 6);
    assertThat(heap.free.topEnd()).isEqualTo(4 * BLOCK);
    assertThat(heap.free.top()).isEqualTo(3 * BLOCK);
    heap.check(false);
    heap.decommit(3, 4);
    assertThat(heap.free.topEnd()).isEqualTo(3 * BLOCK);
    assertThat(heap.free.top()).isEqualTo(3 * BLOCK);
    heap.check(false);
  }

  @Test
  void theEndMovesBackOverAHole() {
    fill(heap);
    heap.freeAtOnce(2 * BLOCK, 6 * BLOCK);
    heap.decommit(2, 4);
    assertThat(heap.free.topEnd()).isEqualTo(6 * BLOCK);
    heap.decommit(4, 6);
    assertThat(heap.free.topEnd()).isEqualTo(2 * BLOCK);
    heap.freeAtOnce(1, 2 * BLOCK);
    heap.decommit(0, 2);
    assertThat(heap.free.topEnd()).isZero();
    assertThat(heap.tags.next(0)).isEqualTo(BoundaryTags.NONE);
    assertThat(heap.check(false)).isEmpty();
  }

  @Test
  void paddingOfAGrowthThatFollowsStays() {
    fill(heap);
    heap.freeAtOnce(4 * BLOCK, 6 * BLOCK);
    decommit.begin(blocks(5, 6));
    Growth planned = heap.plan(10, 1);
    assertThat(planned.blocks()).isEqualTo(blocks(6, 7));
    heap.growth.enter(blocks(5, 6));
    heap.granules.freeReserved(5 * BLOCK, 6 * BLOCK);
    blocks.occupancy().remove(5 * BLOCK, 6 * BLOCK);
    decommit.begin(blocks(5, 6));
    assertThat(heap.tags.isStart(6 * BLOCK)).isFalse();
    assertThat(blocks.committed().isPadded(6)).isTrue();
    assertThat(heap.free.topEnd()).isEqualTo(5 * BLOCK);
    heap.growth.complete(planned);
    decommit.complete(blocks(5, 6));
    assertThat(heap.check(false)).hasSize(5);
  }

  @Test
  void theEndMovesBackBeforeAGrowth() {
    fill(heap);
    heap.freeAtOnce(4 * BLOCK, 6 * BLOCK);
    heap.decommit(4, 5);
    Growth planned = heap.plan(BLOCK - 1, 1);
    assertThat(planned.blocks()).isEqualTo(blocks(4, 5));
    heap.decommit(5, 6);
    assertThat(heap.free.topEnd()).isEqualTo(4 * BLOCK);
    heap.check(true);
    heap.growth.complete(planned);
    assertThat(heap.free.topEnd()).isEqualTo(5 * BLOCK);
    heap.check(false);
  }
}
