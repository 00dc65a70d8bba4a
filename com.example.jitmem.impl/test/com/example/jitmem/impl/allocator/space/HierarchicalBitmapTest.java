// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The set, compared with a [BitSet] at capacities around words, chunks and levels.
class HierarchicalBitmapTest {
  private static final int STEPS = 600;

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 4095, 4096, 4097, 262_143, 262_145, 1 << 24, 1 << 25})
  void membersAndNeighboursAreThoseOfABitSet(int capacity) {
    Random random = new Random(capacity);
    HierarchicalBitmap bitmap = new HierarchicalBitmap(capacity);
    BitSet expected = new BitSet();
    int[] places = places(capacity, random);
    for (int i = 0; i < STEPS; i++) {
      int bit = places[random.nextInt(places.length)];
      boolean set = i % 200 < 100 ? random.nextInt(4) != 0 : random.nextInt(4) == 0;
      if (set) {
        bitmap.set(bit);
      } else {
        bitmap.clear(bit);
      }
      expected.set(bit, set);
      assertThat(bitmap.get(bit)).isEqualTo(set);
      int other = places[random.nextInt(places.length)];
      assertThat(bitmap.get(other)).as("bit %d", other).isEqualTo(expected.get(other));
      assertThat(bitmap.next(other)).as("from %d", other).isEqualTo(expected.nextSetBit(other));
    }
    for (int at = 0; at != HierarchicalBitmap.NONE; at = expected.nextSetBit(at + 1)) {
      assertThat(bitmap.next(at)).isEqualTo(expected.nextSetBit(at));
      assertThat(bitmap.next(at + 1)).isEqualTo(expected.nextSetBit(at + 1));
    }
  }

  /// Numbers on both sides of the edges of all levels, and some others.
  private static int[] places(int capacity, Random random) {
    BitSet places = new BitSet();
    places.set(capacity - 1);
    for (int edge = 64; edge <= 1 << 24; edge *= 64) {
      for (int place : new int[] {0, 1, edge - 1, edge, edge + 1, 2 * edge - 1, 2 * edge}) {
        places.set(Math.min(place, capacity - 1));
      }
    }
    for (int i = 0; i < 20; i++) {
      places.set(random.nextInt(capacity));
    }
    return places.stream().toArray();
  }

  @Test
  void nothingLiesBehindTheCapacity() {
    HierarchicalBitmap bitmap = new HierarchicalBitmap(100);
    assertThat(bitmap.next(0)).isEqualTo(HierarchicalBitmap.NONE);
    bitmap.set(99);
    assertThat(bitmap.next(99)).isEqualTo(99);
    assertThat(bitmap.next(100)).isEqualTo(HierarchicalBitmap.NONE);
    assertThat(bitmap.next(1 << 20)).isEqualTo(HierarchicalBitmap.NONE);
  }

  @Test
  void aBitSetTwiceIsClearedOnce() {
    HierarchicalBitmap bitmap = new HierarchicalBitmap(1 << 20);
    bitmap.clear(70_000);
    bitmap.set(70_000);
    bitmap.set(70_000);
    bitmap.set(70_001);
    bitmap.clear(70_000);
    bitmap.clear(70_000);
    assertThat(bitmap.next(0)).isEqualTo(70_001);
    bitmap.clear(70_001);
    assertThat(bitmap.next(0)).isEqualTo(HierarchicalBitmap.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 12, 524",
    "4096, 12, 524",
    "4097, 32, 544",
    "262144, 776, 1288",
    "262145, 804, 1316",
    "33554432, 99352, 99864"
  })
  void memoryIsThatOfTheSummariesAndOfChunksInUse(int capacity, long empty, long oneChunk) {
    HierarchicalBitmap bitmap = new HierarchicalBitmap(capacity);
    assertThat(bitmap.metadataBytes()).isEqualTo(empty);
    bitmap.set(63);
    bitmap.set(0);
    bitmap.clear(0);
    assertThat(bitmap.metadataBytes()).isEqualTo(oneChunk);
  }
}
