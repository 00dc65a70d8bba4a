// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tables made wrong one at a time: the check names what is wrong.
class HeapCheckTest {
  private static final int BLOCK = 128;

  private final HeapParts heap = new HeapParts(6, BLOCK, true);
  private final BoundaryTags tags = heap.tags;
  private final Blocks blocks = heap.blocks;
  private final CommittedBlocks committed = blocks.committed();

  /// Two blocks: padding, three spans of ten granules, the wilderness.
  @BeforeEach
  void commit() {
    assertThat(heap.grow(10, 2)).isEqualTo(1);
    assertThat(heap.allocate(10)).isEqualTo(11);
    assertThat(heap.allocate(10)).isEqualTo(21);
    assertThat(heap.check(false))
        .containsExactly(new IntRange(1, 11), new IntRange(11, 21), new IntRange(21, 31));
  }

  private void assertTells(String fault) {
    assertThatThrownBy(() -> heap.check(false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(": " + fault);
  }

  /// What is wrong only while nothing is on the way to or from the system.
  private void assertTellsUnlessChanging(String fault) {
    heap.check(true);
    assertTells(fault);
  }

  private void clearStartTag(int granule) {
    tags.chunk(granule)[(granule >>> 6 & 63) * 4 + 3] &= 0xFFFF_FFFF_0000_0000L;
  }

  @Test
  void everyKindOfRunIsRight() {
    heap.freeAtOnce(11, 21);
    heap.granules.reserve(21, 31);
    int pending = heap.allocate(100);
    heap.allocate(20);
    heap.free(pending, pending + 100);
    assertThat(tags.kind(pending)).isEqualTo(PENDING);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11), new IntRange(131, 151));
    assertThat(blocks.occupancy().of(0)).isEqualTo(20);
    assertThat(blocks.occupancy().of(1)).isEqualTo(20);
  }

  @Test
  void committedRunsAreWalkedApart() {
    heap.grow(353, 1);
    assertThat(heap.grow(10, 1)).isEqualTo(3 * BLOCK);
    heap.freeAtOnce(31, 3 * BLOCK);
    heap.decommit(1, 2);
    assertThat(blocks.committedRuns()).containsExactly(new IntRange(0, 1), new IntRange(2, 4));
    assertThat(heap.check(false)).hasSize(4).last().isEqualTo(new IntRange(384, 394));
    tags.clearRun(2 * BLOCK);
    assertTells("no run starts at 256");
  }

  @Test
  void blocksOnTheWayAreLeftOut() {
    Growth planned = heap.plan(250, 1);
    assertThat(planned.blocks()).isEqualTo(new IntRange(2, 3));
    assertThat(heap.check(true)).hasSize(3);
    blocks.occupancy().add(2 * BLOCK, 2 * BLOCK + 5);
    assertThat(heap.check(true)).as("figures of what grows are not final").hasSize(3);
    blocks.occupancy().remove(2 * BLOCK, 2 * BLOCK + 5);
    heap.growth.cancel(planned);
    assertThat(heap.check(false)).hasSize(3);
    blocks.uncommitted().remove(3, 4);
    assertTellsUnlessChanging("a block is neither committed nor absent: 3");
  }

  @Test
  void aMissingStart() {
    tags.clearRun(0);
    assertTells("no run starts at 0");
  }

  @Test
  void anEndBehindWhatIsCommitted() {
    tags.setEnd(31, 300);
    assertTells("a run ends wrongly at 300, from 31");
  }

  @Test
  void anEndBeforeTheStart() {
    assertThat(heap.allocate(39)).isEqualTo(31);
    tags.setEnd(70, 40);
    assertTells("a run ends wrongly at 40, from 70");
  }

  @Test
  void anEndAtTheStart() {
    assertThat(heap.allocate(39)).isEqualTo(31);
    tags.chunk(0)[7] = (70L << 32) | 31;
    assertTells("a run ends wrongly at 70, from 70");
  }

  @Test
  void aStartInsideOfTheLastRun() {
    tags.setEnd(200, 210);
    assertTells("a run has a start inside: 31..256, 200");
  }

  @Test
  void aStartInsideOfARun() {
    int start = heap.allocate(150);
    tags.setEnd(100, 110);
    assertTells("a run has a start inside: " + start + "..181, 100");
  }

  @Test
  void theMarkOfTheWilderness() {
    tags.setKind(31, FREE);
    assertTells("the wilderness is marked wrongly");
  }

  @Test
  void theEndOfTheWilderness() {
    tags.setEnd(31, 200);
    tags.setRun(200, 256, LIVE);
    assertTells("the wilderness ends wrongly at 200");
  }

  @Test
  void freeRunsThatTouch() {
    tags.setRun(1, 11, FREE);
    tags.setRun(11, 21, FREE);
    assertTells("free runs touch at 11");
  }

  @Test
  void aFreeRunThatTouchesTheWilderness() {
    tags.setRun(21, 31, FREE);
    assertTells("free runs touch at 31");
  }

  @Test
  void theStartOfASpanFromItsEnd() {
    heap.allocate(70);
    clearStartTag(64);
    assertTells("the start is not found from the end: 31");
  }

  @Test
  void theStartOfASpanFromInside() {
    heap.allocate(210);
    clearStartTag(128);
    assertTells("not found from inside: 31");
  }

  @Test
  void theStartOfAFreeRun() {
    int start = heap.allocate(100);
    heap.allocate(1);
    heap.freeAtOnce(start, start + 100);
    assertThat(tags.kind(start)).isEqualTo(FREE);
    heap.check(false);
    clearStartTag(64);
    heap.check(false);
    clearStartTag(128);
    assertTells("the start of a free run is not found: 31");
  }

  @Test
  void theStartOfAPendingRun() {
    int start = heap.allocate(100);
    heap.allocate(1);
    heap.free(start, start + 100);
    assertThat(tags.kind(start)).isEqualTo(PENDING);
    clearStartTag(128);
    assertTells("the start of a pending run is not found");
  }

  @Test
  void aForgottenPendingRun() {
    heap.granules.coalescer().defer(11, 21);
    assertTells("a pending run is forgotten: 11");
    heap.granules.coalescer().enqueue(11);
    assertTells("granules in use: counted 30, found 20");
  }

  @Test
  void theEndOfWhatIsCommitted() {
    heap.free.moveEnd(3 * BLOCK);
    assertTells("the end of what is committed: counted 384, found 256");
  }

  @Test
  void pendingGranules() {
    tags.flipPending(11);
    heap.granules.coalescer().enqueue(11);
    assertTells("pending granules: counted 0, found 10");
  }

  @Test
  void waitingWords() {
    tags.chunk(0)[BoundaryTags.WAITING] |= 2;
    assertTells("words with pending runs: counted 0, found 1");
  }

  @Test
  void granulesInUse() {
    tags.setKind(11, RESERVED);
    assertTells("granules in use: counted 30, found 20");
  }

  @Test
  void theSearch() {
    heap.freeAtOnce(11, 21);
    heap.check(false);
    heap.free.index().clear();
    assertTells("size class 9 is marked wrongly");
  }

  @Test
  void granulesInUseOfABlock() {
    heap.allocate(200);
    heap.check(false);
    blocks.occupancy().remove(200, 201);
    assertTells("granules in use of block 1: counted 102, found 103");
    blocks.occupancy().add(200, 201);
    blocks.occupancy().remove(1, 2);
    assertTells("granules in use of block 0: counted 126, found 127");
  }

  @Test
  void granulesInUseOfABlockThatIsNotCommitted() {
    blocks.occupancy().add(5 * BLOCK, 5 * BLOCK + 1);
    assertTells("granules in use of block 5: counted 1, found 0");
  }

  @Test
  void reservedGranulesAreInUseUnlessTheyArePadding() {
    HeapParts unpadded = new HeapParts(2, BLOCK, false);
    unpadded.grow(1, 1);
    unpadded.granules.reserve(0, 1);
    unpadded.check(false);
    assertThat(unpadded.blocks.occupancy().of(0)).isEqualTo(1);
    // One granule, but not the first of its block
    heap.allocate(1);
    heap.granules.reserve(31, 32);
    heap.check(false);
    // The first of its block, but more than one
    heap.granules.freeReserved(31, 32);
    blocks.occupancy().remove(31, 32);
    heap.allocate(97);
    int start = heap.allocate(2);
    assertThat(start).isEqualTo(BLOCK);
    heap.granules.reserve(start, start + 2);
    heap.check(false);
    assertThat(blocks.occupancy().of(1)).isEqualTo(2);
  }

  @Test
  void aCommittedBlockThatIsListedAsAbsent() {
    blocks.uncommitted().add(1, 2);
    assertTells("a committed block is listed as absent: 1");
  }

  @Test
  void anIdleBlockThatIsNotFound() {
    assertThat(blocks.isIdle(1)).isTrue();
    blocks.occupancy().forgetEmptied(1);
    assertTells("a block without spans is not found: 1");
  }

  @Test
  void theEndOfPadding() {
    tags.clearRun(1);
    assertTells("padding ends wrongly at 11");
  }

  @Test
  void paddingTooMuch() {
    committed.setPadded(1, true);
    assertTellsUnlessChanging("padding is wrong in block 1");
  }

  @Test
  void paddingTooLittle() {
    committed.setPadded(0, false);
    blocks.occupancy().add(0, 1);
    assertTellsUnlessChanging("padding is wrong in block 0");
  }

  @Test
  void paddingWhereThereIsNone() {
    HeapParts unpadded = new HeapParts(2, BLOCK, false);
    unpadded.grow(10, 1);
    unpadded.check(false);
    unpadded.blocks.committed().setPadded(0, true);
    unpadded.check(true);
    assertThatThrownBy(() -> unpadded.check(false))
        .hasMessageEndingWith(": padding is wrong in block 0");
  }

  @Test
  void theNumberOfCommittedBlocks() {
    blocks.addCommittedCount(1);
    assertTellsUnlessChanging("committed blocks are miscounted");
  }

  @Test
  void aHeapWithoutCommittedBlocksIsRight() {
    assertThat(new HeapParts(6, BLOCK, true).check(false)).isEmpty();
  }
}
