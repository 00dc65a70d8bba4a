// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class BlockGrowthTest {
  private static final int BLOCK = 128;

  private final HeapParts heap = new HeapParts(8, BLOCK, true);
  private final Blocks blocks = heap.blocks;
  private final BlockGrowth growth = heap.growth;

  private static Growth plan(HeapParts heap, int count, int alignment, int step) {
    return Objects.requireNonNull(heap.growth.plan(count, alignment, step));
  }

  private Growth plan(int count, int alignment, int step) {
    return plan(heap, count, alignment, step);
  }

  private void assertInUse(int... inUse) {
    for (int block = 0; block < inUse.length; block++) {
      assertThat(blocks.occupancy().of(block)).as("block %d", block).isEqualTo(inUse[block]);
    }
  }

  private boolean isPadded(int block) {
    return blocks.committed().isPadded(block);
  }

  @Test
  void theFirstSpanLiesBehindPadding() {
    Growth planned = plan(10, 1, 3);
    assertThat(planned).isEqualTo(new Growth(0, 3, 1, 10));
    assertThat(blocks.growth()).isEqualTo(planned);
    assertThat(blocks.uncommitted().contains(2)).isFalse();
    assertThat(blocks.uncommitted().contains(3)).isTrue();
    assertThat(blocks.committed().contains(2)).isTrue();
    assertThat(blocks.committedCount()).isZero();
    growth.complete(planned);
    assertThat(blocks.growth()).isNull();
    assertThat(blocks.committedCount()).isEqualTo(3);
    assertThat(heap.free.top()).isEqualTo(11);
    assertThat(heap.free.topEnd()).isEqualTo(3 * BLOCK);
    assertInUse(10, 0, 0);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11));
  }

  @Test
  void withoutPaddingTheFirstSpanLiesAtTheStart() {
    HeapParts unpadded = new HeapParts(2, BLOCK, false);
    Growth planned = plan(unpadded, 2 * BLOCK, 1, 1);
    assertThat(planned).isEqualTo(new Growth(0, 2, 0, 2 * BLOCK));
    unpadded.growth.complete(planned);
    assertThat(unpadded.check(false)).containsExactly(new IntRange(0, 2 * BLOCK));
    assertThat(unpadded.growth.plan(1, 1, 1)).isNull();
  }

  @Test
  void aSpanAndItsPaddingMustFit() {
    assertThat(growth.plan(8 * BLOCK, 1, 1)).isNull();
    assertThat(growth.plan(Integer.MAX_VALUE, 1, 1)).isNull();
    assertThat(growth.plan(7 * BLOCK + 1, BLOCK, 1)).isNull();
    assertThat(blocks.growth()).isNull();
    assertThat(plan(8 * BLOCK - 1, 1, 1)).isEqualTo(new Growth(0, 8, 1, 8 * BLOCK - 1));
  }

  @Test
  void noMoreIsCommittedThanThereIs() {
    Growth planned = plan(10, 1, 100);
    assertThat(planned.blockCount()).isEqualTo(8);
  }

  @Test
  void anAlignedSpanLeavesTheBlocksBeforeItUncommitted() {
    Growth planned = plan(10, 4 * BLOCK, 1);
    // The block before has the bytes that must be readable
    assertThat(planned).isEqualTo(new Growth(3, 2, 4 * BLOCK, 10));
    growth.complete(planned);
    assertThat(heap.free.runAt(3 * BLOCK + 1)).isEqualTo(new IntRange(3 * BLOCK + 1, 4 * BLOCK));
    assertThat(heap.check(false)).hasSize(1);
  }

  @Test
  void aSpanBeginsInTheFreeRunBefore() {
    heap.grow(10, 1);
    Growth planned = plan(200, 1, 2);
    assertThat(planned).isEqualTo(new Growth(1, 2, 11, 200));
    assertThat(heap.tags.kind(11)).as("nothing else can be allocated there").isEqualTo(RESERVED);
    assertInUse(127, 0);
    heap.check(true);
    growth.complete(planned);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11), new IntRange(11, 211));
    assertInUse(127, 211 - BLOCK, 0);
    assertThat(isPadded(1)).isFalse();
  }

  @Test
  void aSpanMayFitIntoTheFreeRunBefore() {
    heap.grow(10, 1);
    Growth planned = plan(117, 1, 2);
    assertThat(planned).isEqualTo(new Growth(1, 0, 11, 117));
    assertThat(blocks.committed().contains(1)).isFalse();
    growth.complete(planned);
    assertInUse(127, 0);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11), new IntRange(11, 128));
    assertThat(blocks.committedCount()).isEqualTo(1);
    assertThat(heap.tags.isStart(BLOCK)).as("nothing is known of what is not committed").isFalse();
  }

  @Test
  void aGrowthWithoutBlocksIsCancelled() {
    heap.grow(10, 1);
    Growth planned = plan(20, 1, 2);
    assertInUse(30, 0);
    growth.cancel(planned);
    assertThat(blocks.growth()).isNull();
    assertInUse(10, 0);
    assertThat(blocks.uncommitted().find(7)).isEqualTo(1);
    assertThat(heap.free.top()).isEqualTo(11);
    assertThat(heap.check(false)).hasSize(1);
  }

  @Test
  void blocksBehindASpanContinueTheRun() {
    heap.grow(127, 1);
    Growth planned = plan(10, 1, 1);
    assertThat(planned).isEqualTo(new Growth(1, 1, BLOCK, 10));
    growth.complete(planned);
    assertThat(isPadded(1)).isFalse();
    assertInUse(127, 10);
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 128), new IntRange(128, 138));
  }

  @Test
  void aCancelledGrowthLeavesNothing() {
    heap.grow(10, 1);
    Growth planned = plan(300, 1, 4);
    assertThat(planned).isEqualTo(new Growth(1, 4, 11, 300));
    growth.cancel(planned);
    assertThat(blocks.growth()).isNull();
    assertThat(blocks.committedRuns()).containsExactly(new IntRange(0, 1));
    assertThat(blocks.uncommitted().find(7)).isEqualTo(1);
    assertInUse(10, 0, 0, 0, 0);
    assertThat(heap.free.top()).isEqualTo(11);
    assertThat(heap.check(false)).hasSize(1);
  }

  @Test
  void memoryThatMustNotBeUsedIsReserved() {
    heap.grow(10, 1);
    Growth planned = plan(300, 1, 4);
    assertThat(growth.reserve(planned)).isEqualTo(new IntRange(BLOCK, 5 * BLOCK));
    assertThat(blocks.committedCount()).isEqualTo(5);
    assertInUse(10, BLOCK, BLOCK, BLOCK, BLOCK);
    assertThat(heap.free.runAt(100)).isEqualTo(new IntRange(11, BLOCK));
    assertThat(heap.check(false)).containsExactly(new IntRange(1, 11));
  }

  @Test
  void reservedMemoryAtTheStartHasPadding() {
    Growth planned = plan(10, 1, 2);
    assertThat(growth.reserve(planned)).isEqualTo(new IntRange(1, 2 * BLOCK));
    assertThat(isPadded(0)).isTrue();
    assertInUse(127, 128);
    heap.check(false);
  }

  /// Blocks 0, 1 and 2 with a span in the last, and 1 on its way to the system.
  private void takeOutTheMiddle() {
    heap.grow(127, 1);
    heap.grow(BLOCK, 1);
    heap.grow(BLOCK, 1);
    heap.grow(BLOCK, 1);
    heap.freeAtOnce(BLOCK, 3 * BLOCK);
    heap.decommit.begin(new IntRange(1, 2));
    assertThat(isPadded(2)).isTrue();
    heap.check(true);
  }

  @Test
  void blocksThatComeBackJoinWhatIsAroundThem() {
    takeOutTheMiddle();
    IntRange back = growth.enter(new IntRange(1, 2));
    assertThat(back).isEqualTo(new IntRange(BLOCK, 2 * BLOCK));
    assertThat(isPadded(1)).isFalse();
    assertThat(isPadded(2)).as("not yet").isTrue();
    growth.dropPadding(2);
    assertThat(isPadded(2)).isFalse();
    assertThat(heap.free.runAt(2 * BLOCK)).isEqualTo(new IntRange(2 * BLOCK, 3 * BLOCK));
    assertThat(blocks.committedCount()).isEqualTo(4);
    assertInUse(127, 128, 0, 128);
    heap.check(false);
  }

  @Test
  void paddingStaysWhereARunBegins() {
    takeOutTheMiddle();
    growth.dropPadding(2);
    assertThat(isPadded(2)).as("1 is not committed").isTrue();
    growth.dropPadding(0);
    assertThat(isPadded(0)).isTrue();
    growth.dropPadding(3);
    assertThat(isPadded(3)).isFalse();
    heap.decommit.complete(new IntRange(1, 2));
    heap.check(false);
  }

  @Test
  void aHoleIsFilledByAGrowth() {
    takeOutTheMiddle();
    heap.decommit.complete(new IntRange(1, 2));
    Growth planned = plan(100, 1, 5);
    assertThat(planned).as("no more than the hole").isEqualTo(new Growth(1, 1, BLOCK, 100));
    growth.complete(planned);
    assertThat(isPadded(2)).isFalse();
    assertThat(heap.free.runAt(2 * BLOCK)).isEqualTo(new IntRange(BLOCK + 100, 3 * BLOCK));
    assertInUse(127, 100, 0, 128);
    heap.check(false);
  }

  @Test
  void aHoleIsFilledByReservedMemory() {
    takeOutTheMiddle();
    heap.decommit.complete(new IntRange(1, 2));
    Growth planned = plan(100, 1, 1);
    assertThat(growth.reserve(planned)).isEqualTo(new IntRange(BLOCK, 2 * BLOCK));
    assertThat(isPadded(1)).isFalse();
    assertThat(isPadded(2)).isFalse();
    heap.check(false);
  }

  @Test
  void blocksThatComeBackBehindAGrowthHavePaddingUntilItIsDone() {
    heap.grow(127, 1);
    heap.grow(BLOCK, 1);
    heap.grow(BLOCK, 1);
    heap.freeAtOnce(BLOCK, 3 * BLOCK);
    heap.decommit.begin(new IntRange(1, 2));
    heap.decommit.complete(new IntRange(1, 2));
    heap.decommit.begin(new IntRange(2, 3));
    Growth planned = plan(BLOCK - 1, 1, 1);
    assertThat(planned.blocks()).isEqualTo(new IntRange(1, 2));
    IntRange back = growth.enter(new IntRange(2, 3));
    assertThat(isPadded(2)).isTrue();
    assertThat(back).isEqualTo(new IntRange(2 * BLOCK + 1, 3 * BLOCK));
    growth.dropPadding(2);
    assertThat(isPadded(2)).as("the growth may yet be cancelled").isTrue();
    growth.complete(planned);
    assertThat(isPadded(2)).isFalse();
    heap.check(false);
  }

  @Test
  void theBlockBeforeAGrowthMayComeBackMeanwhile() {
    heap.grow(127, 1);
    heap.grow(BLOCK, 1);
    heap.freeAtOnce(BLOCK, 2 * BLOCK);
    heap.decommit.begin(new IntRange(1, 2));
    Growth planned = plan(10, 1, 1);
    assertThat(planned.blocks()).isEqualTo(new IntRange(2, 3));
    assertThat(isPadded(2)).isTrue();
    growth.enter(new IntRange(1, 2));
    growth.dropPadding(2);
    assertThat(isPadded(2)).isTrue();
    IntRange reserved = growth.reserve(planned);
    assertThat(reserved).isEqualTo(new IntRange(2 * BLOCK, 3 * BLOCK));
    assertThat(isPadded(2)).isFalse();
    heap.check(false);
  }

  @Test
  void aGrowthIsCompletedBehindABlockThatCameBack() {
    heap.grow(127, 1);
    heap.grow(BLOCK, 1);
    heap.freeAtOnce(BLOCK, 2 * BLOCK);
    heap.decommit.begin(new IntRange(1, 2));
    Growth planned = plan(10, 1, 1);
    growth.enter(new IntRange(1, 2));
    growth.complete(planned);
    assertThat(planned.start()).isEqualTo(2 * BLOCK + 1);
    assertThat(isPadded(2)).isFalse();
    heap.granules.freeReserved(BLOCK, 2 * BLOCK);
    blocks.occupancy().remove(BLOCK, 2 * BLOCK);
    assertThat(heap.free.runAt(2 * BLOCK)).isEqualTo(new IntRange(BLOCK, 2 * BLOCK + 1));
    heap.check(false);
  }

  @Test
  void withoutPaddingBlocksThatComeBackHaveNone() {
    HeapParts unpadded = new HeapParts(8, BLOCK, false);
    for (int block = 0; block < 4; block++) {
      unpadded.grow(BLOCK, 1);
    }
    unpadded.freeAtOnce(BLOCK, 3 * BLOCK);
    unpadded.decommit(1, 2);
    unpadded.decommit.begin(new IntRange(2, 3));
    Growth planned = plan(unpadded, BLOCK, 1, 1);
    assertThat(planned.blocks()).isEqualTo(new IntRange(1, 2));
    assertThat(unpadded.growth.enter(new IntRange(2, 3)))
        .isEqualTo(new IntRange(2 * BLOCK, 3 * BLOCK));
    assertThat(unpadded.blocks.committed().isPadded(2)).isFalse();
    unpadded.growth.complete(planned);
    assertThat(unpadded.check(false)).hasSize(3);
  }

  @Test
  void committedRunsAreEnteredAsFreeMemory() {
    heap.grow(300, 3);
    heap.granules.clear();
    blocks.occupancy().clear(0);
    blocks.occupancy().clear(1);
    blocks.occupancy().clear(2);
    growth.addFree(new IntRange(0, 3));
    assertThat(heap.free.top()).isEqualTo(1);
    assertThat(heap.tags.kind(0)).isEqualTo(RESERVED);
    assertThat(heap.tags.endOf(0)).isEqualTo(1);
    heap.granules.reserveFree(1, 301);
    heap.granules.allocateReserved(1, 301);
    assertThat(heap.granules.usedGranules()).isEqualTo(600);
  }

  @Test
  void withoutPaddingCommittedRunsAreFreeFromTheirStart() {
    HeapParts unpadded = new HeapParts(4, BLOCK, false);
    unpadded.growth.cancel(plan(unpadded, 10, 1, 2));
    unpadded.growth.reserve(plan(unpadded, 10, 1, 2));
    unpadded.granules.clear();
    unpadded.growth.addFree(new IntRange(0, 2));
    assertThat(unpadded.free.top()).isZero();
    assertThat(unpadded.free.topEnd()).isEqualTo(2 * BLOCK);
  }
}
