// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Granules in use, compared with a flag for each of them.
class BlockOccupancyTest {
  private static final int BLOCKS = 130;
  private static final int BLOCK_LOG = 6;
  private static final int GRANULES = BLOCKS << BLOCK_LOG;

  private final BlockOccupancy occupancy = new BlockOccupancy(BLOCKS, BLOCK_LOG);
  private final BitSet used = new BitSet();

  private int usedIn(int block) {
    return used.get(block << BLOCK_LOG, (block + 1) << BLOCK_LOG).cardinality();
  }

  private int lastEmptied(int start, int end) {
    for (int block = (end - 1) >>> BLOCK_LOG; block >= start >>> BLOCK_LOG; block--) {
      if (usedIn(block) == 0) {
        return block;
      }
    }
    return RegionHeap.NONE;
  }

  @Test
  void countsAreThoseOfTheFlags() {
    Random random = new Random(3);
    BitSet emptied = new BitSet();
    for (int i = 0; i < 3000; i++) {
      int start = random.nextInt(GRANULES);
      int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 8);
      int end = Math.min(GRANULES, start + length);
      if (used.get(start, end).isEmpty()) {
        occupancy.add(start, end);
        used.set(start, end);
      } else {
        start = used.nextSetBit(start);
        end = Math.min(end, used.nextClearBit(start));
        used.clear(start, end);
        assertThat(occupancy.remove(start, end)).isEqualTo(lastEmptied(start, end));
        for (int block = start >>> BLOCK_LOG; block <= (end - 1) >>> BLOCK_LOG; block++) {
          emptied.set(block, emptied.get(block) || usedIn(block) == 0);
        }
      }
      for (int block : new int[] {start >>> BLOCK_LOG, (end - 1) >>> BLOCK_LOG}) {
        assertThat(occupancy.of(block)).as("block %d", block).isEqualTo(usedIn(block));
      }
      int from = random.nextInt(BLOCKS);
      int next = occupancy.nextEmptied(from);
      assertThat(next).as("from %d", from).isEqualTo(emptied.nextSetBit(from));
      if (next != RegionHeap.NONE && random.nextBoolean()) {
        occupancy.forgetEmptied(next);
        emptied.clear(next);
      }
    }
  }

  @Test
  void theLastOfTheBlocksThatWereEmptiedIsTold() {
    occupancy.add(60, 64 * 4 + 4);
    occupancy.add(1, 2);
    assertThat(occupancy.of(0)).isEqualTo(5);
    assertThat(occupancy.of(1)).isEqualTo(64);
    assertThat(occupancy.of(4)).isEqualTo(4);
    assertThat(occupancy.remove(60, 64 * 4 + 3)).isEqualTo(3);
    assertThat(occupancy.remove(64 * 4 + 3, 64 * 4 + 4)).isEqualTo(4);
    assertThat(occupancy.remove(1, 2)).isZero();
    assertThat(occupancy.nextEmptied(1)).isEqualTo(1);
  }

  @Test
  void aBlockIsFoundOnBothSidesOfAWord() {
    for (int block : new int[] {63, 64, 128, 129}) {
      occupancy.add(block << BLOCK_LOG, (block << BLOCK_LOG) + 1);
      occupancy.remove(block << BLOCK_LOG, (block << BLOCK_LOG) + 1);
    }
    assertThat(occupancy.nextEmptied(0)).isEqualTo(63);
    assertThat(occupancy.nextEmptied(64)).isEqualTo(64);
    assertThat(occupancy.nextEmptied(65)).isEqualTo(128);
    assertThat(occupancy.nextEmptied(129)).isEqualTo(129);
    assertThat(occupancy.nextEmptied(130)).isEqualTo(RegionHeap.NONE);
    assertThat(occupancy.nextEmptied(192)).isEqualTo(RegionHeap.NONE);
    occupancy.forgetEmptied(128);
    assertThat(occupancy.nextEmptied(65)).isEqualTo(129);
  }

  @Test
  void aClearedBlockHasNoneInUse() {
    occupancy.add(64, 192);
    occupancy.clear(1);
    assertThat(occupancy.of(1)).isZero();
    assertThat(occupancy.of(2)).isEqualTo(64);
  }

  @Test
  void ticksAreKeptPerBlock() {
    occupancy.noteIdle(3, 17);
    occupancy.noteIdle(4, 18);
    occupancy.noteIdle(3, 19);
    assertThat(occupancy.idleSince(3)).isEqualTo(19);
    assertThat(occupancy.idleSince(4)).isEqualTo(18);
    assertThat(occupancy.idleSince(5)).isZero();
  }

  @Test
  void memoryIsTwoNumbersAndABitPerBlock() {
    assertThat(new BlockOccupancy(64, 10).metadataBytes()).isEqualTo(64 * 8 + 8);
    assertThat(new BlockOccupancy(65, 10).metadataBytes()).isEqualTo(65 * 8 + 16);
  }
}
