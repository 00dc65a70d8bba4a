// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Committed blocks, compared with flags for each of them.
class CommittedBlocksTest {
  private static final int BLOCKS = 150;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void runsAndTheirPaddingAreThoseOfTheFlags(boolean padding) {
    Random random = new Random(2);
    CommittedBlocks blocks = new CommittedBlocks(BLOCKS, padding);
    BitSet committed = new BitSet();
    BitSet padded = new BitSet();
    for (int i = 0; i < 2000; i++) {
      int first = random.nextInt(BLOCKS);
      int end = Math.min(BLOCKS, first + 1 + random.nextInt(5));
      if (committed.get(first, end).isEmpty()) {
        blocks.add(first, end);
        padded.set(first, padding && (first == 0 || !committed.get(first - 1)));
        committed.set(first, end);
        // As callers do when runs meet
        blocks.setPadded(end, false);
        padded.clear(end);
      } else if (committed.get(first, end).cardinality() == end - first) {
        blocks.remove(first, end);
        committed.clear(first, end);
        padded.clear(first);
      }
      int block = random.nextInt(BLOCKS + 1);
      assertThat(blocks.contains(block)).isEqualTo(committed.get(block));
      assertThat(blocks.isPadded(first)).isEqualTo(padded.get(first));
      assertThat(blocks.isPadded(block)).isEqualTo(padded.get(block));
      assertThat(blocks.next(block)).isEqualTo(committed.nextSetBit(block));
      assertThat(blocks.previous(block)).isEqualTo(committed.previousSetBit(block));
      assertThat(blocks.endOfRun(block)).isEqualTo(committed.nextClearBit(block));
    }
  }

  @Test
  void thereIsNoBlockBeforeTheFirst() {
    CommittedBlocks blocks = new CommittedBlocks(3, true);
    blocks.add(0, 3);
    assertThat(blocks.contains(-1)).isFalse();
    assertThat(blocks.isPadded(-1)).isFalse();
    assertThat(blocks.contains(0)).isTrue();
    assertThat(blocks.isPadded(0)).isTrue();
    assertThat(blocks.isPadded(1)).isFalse();
    assertThat(blocks.previous(-1)).isEqualTo(RegionHeap.NONE);
    assertThat(blocks.next(3)).isEqualTo(RegionHeap.NONE);
  }

  @Test
  void paddingCanBeDroppedAndMade() {
    CommittedBlocks blocks = new CommittedBlocks(8, true);
    blocks.add(2, 6);
    blocks.setPadded(2, false);
    assertThat(blocks.isPadded(2)).isFalse();
    blocks.setPadded(4, true);
    assertThat(blocks.isPadded(4)).isTrue();
  }

  @Test
  void memoryIsABitPerBlockAndSet() {
    assertThat(new CommittedBlocks(64, true).metadataBytes()).isEqualTo(16);
    assertThat(new CommittedBlocks(65, true).metadataBytes()).isEqualTo(32);
  }
}
