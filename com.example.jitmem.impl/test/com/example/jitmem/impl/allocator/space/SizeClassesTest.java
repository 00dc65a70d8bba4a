// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The classes, compared with a list of the shortest run of each.
class SizeClassesTest {
  private static final int LONGEST = 1 << 25;

  private static final List<Integer> SHORTEST = shortestRuns();

  private static List<Integer> shortestRuns() {
    List<Integer> shortest = new ArrayList<>();
    for (int length = 1; length <= 33; length++) {
      shortest.add(length);
    }
    for (int doubling = 32; doubling < LONGEST; doubling *= 2) {
      for (int quarter = doubling == 32 ? 1 : 0; quarter < 4; quarter++) {
        shortest.add(doubling + doubling / 4 * quarter);
      }
    }
    shortest.add(LONGEST);
    return shortest;
  }

  /// Lengths at which something can change: short ones, and the edges of all classes.
  private static List<Integer> lengths() {
    List<Integer> lengths = new ArrayList<>();
    for (int length = 1; length <= 300; length++) {
      lengths.add(length);
    }
    for (int edge : SHORTEST) {
      Collections.addAll(lengths, Math.max(1, edge - 1), edge, Math.min(LONGEST, edge + 1));
    }
    return lengths;
  }

  @Test
  void aLengthIsInTheLastClassWhoseShortestRunIsNotLonger() {
    for (int length : lengths()) {
      long notLonger = SHORTEST.stream().filter(shortest -> shortest <= length).count();
      assertThat(SizeClasses.of(length)).as("class of %d", length).isEqualTo(notLonger - 1);
    }
  }

  @Test
  void theFirstClassThatSurelyFitsHasNoShorterRun() {
    for (int length : lengths()) {
      long shorter = SHORTEST.stream().filter(shortest -> shortest < length).count();
      assertThat(SizeClasses.atLeast(length)).as("class for %d", length).isEqualTo(shorter);
    }
  }

  @Test
  void noRunIsMoreThanAQuarterLongerThanTheShortestOfItsClass() {
    for (int i = 32; i < SHORTEST.size() - 1; i++) {
      int longest = SHORTEST.get(i + 1) - 1;
      assertThat(longest).isLessThanOrEqualTo(SHORTEST.get(i) + SHORTEST.get(i) / 4);
      assertThat(SizeClasses.of(longest)).isEqualTo(i);
    }
  }

  @Test
  void theNumbersOfClassesFitTheTable() {
    assertThat(SizeClasses.COUNT).isEqualTo(SHORTEST.size());
    assertThat(SizeClasses.SMALL).isEqualTo(SHORTEST.indexOf(SizeClasses.SHORTEST_LARGE));
    assertThat(SizeClasses.SHORTEST_LARGE).isEqualTo(8192);
    assertThat(SizeClasses.EXACT).isEqualTo(32);
  }

  @Test
  void whatIsLongerThanARegionIsBehindAllClasses() {
    assertThat(SizeClasses.of(LONGEST)).isEqualTo(SizeClasses.COUNT - 1);
    assertThat(SizeClasses.atLeast(LONGEST + 1)).isEqualTo(SizeClasses.COUNT);
  }
}
