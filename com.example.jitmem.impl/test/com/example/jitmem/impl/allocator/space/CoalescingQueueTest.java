// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The queue, compared with a sorted set and the word added last.
class CoalescingQueueTest {
  private static final int CHUNKS = 150;
  private static final int WORDS = CHUNKS * 64;

  private final BoundaryTags tags = new BoundaryTags(WORDS * 64);
  private final CoalescingQueue queue = new CoalescingQueue(tags);

  @BeforeEach
  void makeChunks() {
    tags.ensureChunks(0, WORDS * 64);
  }

  @Test
  void theNewestComesFirstAndTheOthersInOrder() {
    Random random = new Random(4);
    TreeSet<Integer> expected = new TreeSet<>();
    int newest = RegionHeap.NONE;
    for (int i = 0; i < 4000; i++) {
      if (random.nextInt(5) < (i % 1000 < 500 ? 3 : 1)) {
        int word = random.nextBoolean() ? random.nextInt(WORDS) : 63 + random.nextInt(4);
        queue.add(word);
        expected.add(word);
        newest = word;
      } else {
        int word = queue.poll();
        if (expected.isEmpty()) {
          assertThat(word).isEqualTo(RegionHeap.NONE);
        } else {
          assertThat(word).isEqualTo(newest != RegionHeap.NONE ? newest : expected.first());
          expected.remove(word);
          newest = RegionHeap.NONE;
          assertThat(queue.contains(word)).isFalse();
        }
      }
      assertThat(queue.count()).isEqualTo(expected.size());
      assertThat(queue.isEmpty()).isEqualTo(expected.isEmpty());
      int other = random.nextInt(WORDS);
      assertThat(queue.contains(other)).isEqualTo(expected.contains(other));
      if (i % 100 == 0) {
        assertThat(queue.recount()).isEqualTo(expected.size());
      }
    }
  }

  @Test
  void aWordWaitsOnce() {
    queue.add(5);
    queue.add(5);
    assertThat(queue.count()).isEqualTo(1);
    assertThat(queue.recount()).isEqualTo(1);
    assertThat(queue.poll()).isEqualTo(5);
    assertThat(queue.poll()).isEqualTo(RegionHeap.NONE);
  }

  @Test
  void theNewestIsNotTakenTwice() {
    queue.add(7);
    queue.add(9);
    assertThat(queue.poll()).isEqualTo(9);
    assertThat(queue.poll()).isEqualTo(7);
    queue.add(9);
    assertThat(queue.poll()).isEqualTo(9);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void allWordsAreForgottenAtOnce() {
    int[] words = {0, 63, 64, 64 * 64, WORDS - 1};
    for (int word : words) {
      queue.add(word);
    }
    queue.clear();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.count()).isZero();
    assertThat(queue.recount()).isZero();
    assertThat(queue.poll()).isEqualTo(RegionHeap.NONE);
    for (int word : words) {
      assertThat(queue.contains(word)).isFalse();
    }
    queue.add(63);
    queue.add(64);
    queue.poll();
    assertThat(queue.poll()).isEqualTo(63);
  }

  @Test
  void wordsOfChunksThatWereForgottenDoNotWait() {
    queue.add(1);
    queue.clear();
    queue.add(200);
    queue.add(300);
    assertThat(queue.poll()).isEqualTo(300);
    assertThat(queue.poll()).isEqualTo(200);
  }

  @Test
  void aNewestWordThatWasForgottenIsNotTaken() {
    queue.add(100);
    queue.clear();
    queue.add(3);
    assertThat(queue.poll()).isEqualTo(3);
    assertThat(queue.poll()).isEqualTo(RegionHeap.NONE);
  }

  @Test
  void wordsOfMissingChunksDoNotWait() {
    BoundaryTags empty = new BoundaryTags(WORDS * 64);
    CoalescingQueue other = new CoalescingQueue(empty);
    assertThat(other.contains(100)).isFalse();
    assertThat(other.recount()).isZero();
    assertThat(other.poll()).isEqualTo(RegionHeap.NONE);
    other.clear();
    assertThat(other.isEmpty()).isTrue();
  }

  @Test
  void memoryIsABitPerChunk() {
    assertThat(queue.metadataBytes()).isEqualTo(3 * 8);
    assertThat(new CoalescingQueue(new BoundaryTags(64 << 12)).metadataBytes()).isEqualTo(8);
  }
}
