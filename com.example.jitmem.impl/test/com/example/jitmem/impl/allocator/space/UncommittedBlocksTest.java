// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The search for blocks in a row, compared with one that looks at every block.
class UncommittedBlocksTest {
  private static final int BLOCKS = 200;

  private final boolean[] absent = new boolean[BLOCKS];

  private int first(int count) {
    return IntStream.rangeClosed(0, BLOCKS - count)
        .filter(block -> IntStream.range(block, block + count).allMatch(b -> absent[b]))
        .findFirst()
        .orElse(RegionHeap.NONE);
  }

  @Test
  void theLowestPlaceIsFoundWhateverWasSoughtBefore() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    UncommittedBlocks blocks = new UncommittedBlocks(BLOCKS);
    Arrays.fill(absent, true);
    for (int i = 0; i < 20_000; i++) {
      int block = random.nextInt(BLOCKS);
      if (absent[block]) {
        blocks.remove(block, block + 1);
      } else {
        blocks.add(block, block + 1);
      }
      absent[block] = !absent[block];
      int count = 1 + random.nextInt(4);
      assertThat(blocks.find(count))
          .as("%d blocks after step %d from seed %d", count, i, seed)
          .isEqualTo(first(count));
    }
  }

  @Test
  void moreBlocksThanThereAreAreNotFound() {
    UncommittedBlocks blocks = new UncommittedBlocks(BLOCKS);
    assertThat(blocks.find(BLOCKS)).isZero();
    assertThat(blocks.find(BLOCKS + 1)).isEqualTo(RegionHeap.NONE);
    blocks.remove(0, BLOCKS);
    assertThat(blocks.find(1)).isEqualTo(RegionHeap.NONE);
    blocks.add(7, 9);
    assertThat(blocks.find(2)).isEqualTo(7);
    assertThat(blocks.endOfRun(7)).isEqualTo(9);
  }
}
