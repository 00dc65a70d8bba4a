// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The bins, compared with stacks of the JDK.
class QuickBinsTest {
  private static final int MOST_ENTRIES = 32;

  private final QuickBins bins = new QuickBins();

  @Test
  void everyBinIsAStack() {
    Random random = new Random(1);
    Map<Integer, Deque<Integer>> expected = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      int size = i % 3 == 0 ? 1 + random.nextInt(QuickBins.LARGEST) : 1 + random.nextInt(3);
      Deque<Integer> stack = expected.computeIfAbsent(size, s -> new ArrayDeque<>());
      if (random.nextInt(5) < (i % 1000 < 500 ? 4 : 1)) {
        boolean room = stack.size() < MOST_ENTRIES;
        assertThat(bins.push(i, size)).isEqualTo(room);
        assertThat(bins.contains(i, size)).isEqualTo(room);
        if (room) {
          stack.push(i);
        }
      } else if (stack.isEmpty()) {
        assertThat(bins.pop(size)).isEqualTo(RegionHeap.NONE);
      } else {
        int top = stack.pop();
        assertThat(bins.contains(top, size)).isTrue();
        assertThat(bins.contains(top, size % QuickBins.LARGEST + 1)).isFalse();
        assertThat(bins.pop(size)).isEqualTo(top);
        assertThat(bins.contains(top, size)).isFalse();
      }
    }
  }

  @Test
  void theLargestSizeHasABin() {
    assertThat(QuickBins.LARGEST).isEqualTo(64);
    assertThat(bins.push(5, 64)).isTrue();
    assertThat(bins.contains(5, 64)).isTrue();
    assertThat(bins.contains(5, 65)).isFalse();
    assertThat(bins.pop(64)).isEqualTo(5);
  }

  @Test
  void granuleZeroIsAnEntry() {
    bins.push(0, 1);
    assertThat(bins.contains(0, 1)).isTrue();
    assertThat(bins.pop(1)).isZero();
  }

  @Test
  void allBinsAreForgottenAtOnce() {
    for (int size = 1; size <= QuickBins.LARGEST; size++) {
      bins.push(size, size);
    }
    bins.clear();
    for (int size = 1; size <= QuickBins.LARGEST; size++) {
      assertThat(bins.contains(size, size)).isFalse();
      assertThat(bins.pop(size)).isEqualTo(RegionHeap.NONE);
    }
  }

  @Test
  void aBinDoublesWhenItIsFull() {
    long empty = bins.metadataBytes();
    assertThat(empty).isEqualTo(QuickBins.LARGEST + 1);
    int[] capacities = {2, 2, 4, 4, 8, 8, 8, 8, 16};
    for (int i = 0; i < capacities.length; i++) {
      bins.push(i, 7);
      assertThat(bins.metadataBytes() - empty).isEqualTo(4L * capacities[i]);
    }
    bins.push(1, 8);
    assertThat(bins.metadataBytes() - empty).isEqualTo(4 * 16 + 4 * 2);
  }
}
