// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The search for blocks in a row, compared with one that looks at every block.
class UncommittedBlocksTest {
  private static final int BLOCKS = 200;

  private final UncommittedBlocks blocks = new UncommittedBlocks(BLOCKS);
  private final BitSet expected = new BitSet();

  private int first(int count) {
    int first = 0;
    while (first + count <= BLOCKS && expected.get(first, first + count).cardinality() < count) {
      first++;
    }
    return first + count <= BLOCKS ? first : RegionHeap.NONE;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theLowestPlaceIsFoundWhateverWasSoughtBefore(long seed) {
    Random random = new Random(seed);
    expected.set(0, BLOCKS);
    for (int i = 0; i < 2000; i++) {
      int block = random.nextInt(BLOCKS);
      int end = Math.min(BLOCKS, block + 1 + random.nextInt(3));
      if (expected.get(block)) {
        blocks.remove(block, end);
        expected.clear(block, end);
      } else {
        blocks.add(block, end);
        expected.set(block, end);
      }
      int other = random.nextInt(BLOCKS);
      assertThat(blocks.contains(other)).isEqualTo(expected.get(other));
      assertThat(blocks.endOfRun(other)).isEqualTo(expected.nextClearBit(other));
      int count = 1 + random.nextInt(4);
      assertThat(blocks.find(count))
          .as("%d blocks after step %d", count, i)
          .isEqualTo(first(count));
    }
  }

  @Test
  void moreBlocksThanThereAreAreNotFound() {
    assertThat(blocks.find(BLOCKS)).isZero();
    assertThat(blocks.find(BLOCKS + 1)).isEqualTo(RegionHeap.NONE);
    blocks.remove(0, BLOCKS);
    assertThat(blocks.find(1)).isEqualTo(RegionHeap.NONE);
    blocks.add(7, 9);
    assertThat(blocks.find(2)).isEqualTo(7);
    assertThat(blocks.endOfRun(7)).isEqualTo(9);
  }

  @Test
  void blocksThatComeBackMakeARunWithThoseBefore() {
    blocks.remove(3, BLOCKS);
    assertThat(blocks.find(4)).isEqualTo(RegionHeap.NONE);
    blocks.add(3, 4);
    assertThat(blocks.find(4)).isZero();
  }

  @Test
  void aSmallerNumberIsSoughtFromTheStart() {
    blocks.remove(2, 10);
    assertThat(blocks.find(3)).isEqualTo(10);
    assertThat(blocks.find(3)).isEqualTo(10);
    assertThat(blocks.find(2)).isZero();
    assertThat(blocks.find(3)).isEqualTo(10);
  }

  @Test
  void memoryIsABitPerBlock() {
    assertThat(blocks.metadataBytes()).isEqualTo(32);
    assertThat(new UncommittedBlocks(64).metadataBytes()).isEqualTo(8);
  }
}
