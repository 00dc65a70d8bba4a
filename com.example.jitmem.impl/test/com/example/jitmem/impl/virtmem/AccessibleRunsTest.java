// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AccessibleRunsTest {
  private static final int BUDGET = 2;

  private final HoleBudget budget = new HoleBudget(BUDGET, 2 * BUDGET);
  private final AccessibleRuns runs = new AccessibleRuns(budget);

  @Test
  void rangesThatTouchAreOneRun() {
    runs.add(0, 10);
    runs.add(20, 10);
    assertThat(budget.holes()).isEqualTo(1);
    runs.add(10, 10);
    assertThat(budget.holes()).isZero();
    assertThat(runs.contains(0, 30)).isTrue();
    assertThat(runs.contains(0, 31)).isFalse();
  }

  @Test
  void holesBeyondTheBudgetAreNotMade() {
    runs.add(0, 100);
    assertThat(runs.remove(10, 10)).isTrue();
    assertThat(runs.remove(30, 10)).isTrue();
    assertThat(runs.remove(50, 10)).isFalse();
    assertThat(runs.contains(50, 10)).isTrue();
    assertThat(budget.holes()).isEqualTo(BUDGET);
  }

  @Test
  void muchMemoryMayHaveMoreHolesUpToABound() {
    long unit = HoleBudget.BYTES_PER_HOLE;
    runs.add(0, 9 * unit);
    int holes = 0;
    for (long start = unit; runs.remove(start, unit / 16); start += unit / 8) {
      holes++;
    }
    assertThat(holes).isEqualTo(2 * BUDGET);
  }

  @Test
  void aRangeIsForgottenWhateverHolesThatMakes() {
    runs.add(0, 10);
    runs.add(20, 10);
    runs.add(40, 20);
    runs.forget(5, 45);
    assertThat(runs.contains(0, 5)).isTrue();
    assertThat(runs.contains(4, 2)).isFalse();
    assertThat(runs.contains(20, 1)).isFalse();
    assertThat(runs.contains(49, 1)).isFalse();
    assertThat(runs.contains(50, 10)).isTrue();
    assertThat(budget.holes()).isEqualTo(1);
    runs.forget(52, 2);
    assertThat(runs.contains(50, 2)).isTrue();
    assertThat(runs.contains(54, 6)).isTrue();
    assertThat(budget.holes()).isEqualTo(2);
  }

  @Test
  void endsOfRunsCanAlwaysBeTakenAway() {
    runs.add(0, 100);
    runs.remove(10, 10);
    runs.remove(30, 10);
    assertThat(runs.remove(90, 10)).isTrue();
    assertThat(runs.remove(0, 10)).isTrue();
    assertThat(budget.holes()).isEqualTo(BUDGET - 1);
  }

  @Test
  void regionsShareTheBudgetAndGiveItBack() {
    AccessibleRuns other = new AccessibleRuns(budget);
    other.add(0, 10);
    other.add(20, 10);
    other.add(40, 10);
    runs.add(0, 30);
    assertThat(runs.remove(10, 10)).isFalse();
    other.clear();
    assertThat(budget.holes()).isZero();
    assertThat(runs.remove(10, 10)).isTrue();
  }

  @Test
  void randomRangesAgreeWithOneBitPerUnit() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    BitSet expected = new BitSet();
    for (int i = 0; i < 5_000; i++) {
      int start = random.nextInt(200);
      int size = 1 + random.nextInt(20);
      boolean all = expected.nextClearBit(start) >= start + size;
      if (random.nextBoolean()) {
        runs.add(start, size);
        expected.set(start, start + size);
      } else if (all && runs.remove(start, size)) {
        expected.clear(start, start + size);
      }
      assertThat(budget.holes())
          .as("seed %d, step %d", seed, i)
          .isEqualTo(Math.max(0, runCount(expected) - 1));
      assertThat(runs.contains(start, size))
          .as("seed %d, step %d", seed, i)
          .isEqualTo(expected.nextClearBit(start) >= start + size);
    }
  }

  private static int runCount(BitSet units) {
    int count = 0;
    for (int at = units.nextSetBit(0); at >= 0; at = units.nextSetBit(units.nextClearBit(at))) {
      count++;
    }
    return count;
  }
}
