// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlocksTest {
  private final Blocks blocks = new Blocks(10, 128, true);

  private void commit(int first, int end) {
    blocks.uncommitted().remove(first, end);
    blocks.committed().add(first, end);
  }

  @Test
  void granulesAndBlocksAreComputedFromEachOther() {
    assertThat(blocks.count()).isEqualTo(10);
    assertThat(blocks.granulesOfOne()).isEqualTo(128);
    assertThat(blocks.firstGranule(3)).isEqualTo(384);
    assertThat(blocks.at(383)).isEqualTo(2);
    assertThat(blocks.at(384)).isEqualTo(3);
    assertThat(blocks.ceil(0)).isZero();
    assertThat(blocks.ceil(1)).isEqualTo(1);
    assertThat(blocks.ceil(128)).isEqualTo(1);
    assertThat(blocks.ceil(129)).isEqualTo(2);
    assertThat(blocks.ceil(3L << 30)).isEqualTo(3 << 23);
    assertThat(blocks.isEdge(0)).isTrue();
    assertThat(blocks.isEdge(127)).isFalse();
    assertThat(blocks.isEdge(128)).isTrue();
    assertThat(blocks.isEdge(192)).isFalse();
    assertThat(blocks.granulesOf(2, 5)).isEqualTo(new IntRange(256, 640));
  }

  @Test
  void paddingIsNotUsable() {
    commit(2, 5);
    assertThat(blocks.padding()).isEqualTo(1);
    assertThat(blocks.usable(new IntRange(2, 5))).isEqualTo(new IntRange(257, 640));
    assertThat(blocks.usable(new IntRange(3, 5))).isEqualTo(new IntRange(384, 640));
    assertThat(blocks.usable(new IntRange(2, 2))).isEqualTo(new IntRange(256, 256));
    Blocks unpadded = new Blocks(10, 128, false);
    unpadded.committed().add(2, 5);
    assertThat(unpadded.padding()).isZero();
    assertThat(unpadded.usable(new IntRange(2, 5))).isEqualTo(new IntRange(256, 640));
  }

  @Test
  void blocksAreUncommittedAtFirst() {
    assertThat(blocks.uncommitted().find(10)).isZero();
    assertThat(blocks.committed().next(0)).isEqualTo(RegionHeap.NONE);
    assertThat(blocks.committedRuns()).isEmpty();
    assertThat(blocks.committedCount()).isZero();
    assertThat(blocks.growth()).isNull();
  }

  @Test
  void committedRunsAreListedInOrder() {
    commit(6, 8);
    commit(0, 1);
    commit(3, 4);
    commit(4, 5);
    assertThat(blocks.committedRuns())
        .containsExactly(new IntRange(0, 1), new IntRange(3, 5), new IntRange(6, 8));
  }

  @Test
  void whatIsUsedInRemovedBlocksIsForgotten() {
    commit(2, 6);
    blocks.occupancy().add(256, 768);
    blocks.removeCommitted(new IntRange(3, 5));
    assertThat(blocks.committedRuns()).containsExactly(new IntRange(2, 3), new IntRange(5, 6));
    assertThat(blocks.occupancy().of(2)).isEqualTo(128);
    assertThat(blocks.occupancy().of(3)).isZero();
    assertThat(blocks.occupancy().of(4)).isZero();
    assertThat(blocks.occupancy().of(5)).isEqualTo(128);
  }

  @Test
  void committedBlocksAreCounted() {
    blocks.addCommittedCount(5);
    blocks.addCommittedCount(-2);
    assertThat(blocks.committedCount()).isEqualTo(3);
  }

  @Test
  void blocksOfAGrowthAreNotComplete() {
    commit(1, 3);
    commit(4, 7);
    Growth growth = new Growth(4, 3, 512, 10);
    assertThat(blocks.isGrowing(4)).isFalse();
    assertThat(blocks.lastCompleteBefore(9)).isEqualTo(6);
    blocks.setGrowth(growth);
    assertThat(blocks.growth()).isEqualTo(growth);
    assertThat(blocks.isGrowing(3)).isFalse();
    assertThat(blocks.isGrowing(4)).isTrue();
    assertThat(blocks.isGrowing(6)).isTrue();
    assertThat(blocks.isGrowing(7)).isFalse();
    assertThat(blocks.lastCompleteBefore(9)).isEqualTo(2);
    assertThat(blocks.lastCompleteBefore(7)).isEqualTo(2);
    assertThat(blocks.lastCompleteBefore(3)).isEqualTo(2);
    assertThat(blocks.lastCompleteBefore(2)).isEqualTo(1);
    assertThat(blocks.lastCompleteBefore(1)).isEqualTo(RegionHeap.NONE);
    commit(8, 9);
    assertThat(blocks.lastCompleteBefore(9)).isEqualTo(8);
    blocks.setGrowth(null);
    assertThat(blocks.isGrowing(4)).isFalse();
  }

  @Test
  void aGrowthAtTheStartHasNoCompleteBlockBefore() {
    commit(0, 2);
    blocks.setGrowth(new Growth(0, 2, 1, 1));
    assertThat(blocks.lastCompleteBefore(2)).isEqualTo(RegionHeap.NONE);
    assertThat(blocks.isGrowing(0)).isTrue();
  }

  @Test
  void anIdleBlockIsCommittedAndHoldsNoSpan() {
    assertThat(blocks.isIdle(-1)).isFalse();
    assertThat(blocks.isIdle(0)).isFalse();
    commit(0, 6);
    assertThat(blocks.isIdle(0)).isTrue();
    blocks.occupancy().add(0, 1);
    assertThat(blocks.isIdle(0)).isFalse();
    blocks.setGrowth(new Growth(2, 1, 256, 1));
    assertThat(blocks.isIdle(2)).isFalse();
    assertThat(blocks.isIdle(3)).isTrue();
  }

  @Test
  void idleBlocksAreFoundInOrder() {
    commit(0, 6);
    blocks.occupancy().add(0, 6 * 128);
    assertThat(blocks.nextIdle(0)).isEqualTo(RegionHeap.NONE);
    blocks.occupancy().remove(128, 5 * 128);
    blocks.occupancy().add(2 * 128, 3 * 128);
    assertThat(blocks.nextIdle(0)).isEqualTo(1);
    assertThat(blocks.nextIdle(1)).isEqualTo(1);
    assertThat(blocks.nextIdle(2)).isEqualTo(3);
    assertThat(blocks.occupancy().nextEmptied(2)).as("block 2 is forgotten").isEqualTo(3);
    blocks.occupancy().add(3 * 128, 5 * 128);
    assertThat(blocks.nextIdle(2)).isEqualTo(RegionHeap.NONE);
  }

  @Test
  void memoryIsThatOfTheTables() {
    // A bit for each block in three sets, a bit and two numbers in the fourth table
    assertThat(new Blocks(64, 64, true).metadataBytes()).isEqualTo(3 * 8 + 64 * 8 + 8);
  }
}
