// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes of the answers of processes.
class ResultsTest {
  private final Results results = new Results(Peer.COLUMNS);

  @Test
  void rowsHoldMediansAndEmptyCells() {
    results.add(Peer.JITMEM, 1000, "churn ns 30;query ns 4");
    results.add(Peer.JITMEM, 1000, "churn ns 10;query ns 2");
    results.add(Peer.JITMEM, 1000, "churn ns 11.5;query ns 3");
    results.add(Peer.MIMALLOC, 1000, "churn ns 7");
    results.add(Peer.MIMALLOC, 1000, "churn ns 8");
    assertThat(results.csv())
        .isEqualTo(
            """
            workload,n,unit,jitmem,asmjit,glibc,jemalloc,mimalloc
            churn,1000,ns,11.5,,,,7.500
            query,1000,ns,3.000,,,,
            """);
  }

  @Test
  void anotherBuildHasAColumnAndRatios() {
    Results both = new Results(List.of(Peer.JITMEM, Peer.ASMJIT, Peer.AGAINST));
    both.add(Peer.JITMEM, 1000, "churn ns 30;used-reserved ratio 0.8;query ns 4;fill ns 11");
    both.add(Peer.ASMJIT, 1000, "churn ns 60");
    both.add(Peer.AGAINST, 1000, "churn ns 20;used-reserved ratio 0.6;query ns 4;fill ns 10");
    assertThat(both.csv())
        .startsWith("workload,n,unit,jitmem,asmjit,against\nchurn,1000,ns,30.0,60.0,20.0\n");
    assertThat(Table.format(both))
        .containsPattern("asmjit +against +\\| ours / +asmjit +against\n")
        .containsPattern("churn +1000 ns +30.0 +60.0 +20.0 +\\| +0.500 +1.500\n");
    assertThat(new BuildRatios(both).summary())
        .isEqualTo(
            """
            ours / against: middle of all 4 ratios 1.050, largest ratio 1.500 churn at 1000
            above 1.15: 1.500 churn at 1000
            """);
  }

  @Test
  void withoutAnotherBuildNothingIsSaidOfRatios() {
    results.add(Peer.JITMEM, 1000, "churn ns 30");
    results.add(Peer.ASMJIT, 1000, "churn ns 60");
    assertThat(new BuildRatios(results).summary()).isEmpty();
  }

  @Test
  void goalsCompareWithTheirPeerAndTheirLimit() {
    results.add(Peer.JITMEM, 1000, "churn ns 30;used-reserved ratio 0.81;metadata-used percent 3");
    results.add(Peer.ASMJIT, 1000, "churn ns 101");
    results.add(Peer.GLIBC, 1000, "churn ns 29");
    assertThat(Goal.of(results))
        .filteredOn(goal -> goal.measured().isPresent())
        .extracting(Goal::what, Goal::isReached)
        .containsExactly(
            tuple("churn at 1000 / asmjit", true),
            tuple("churn at 1000 / glibc", false),
            tuple("used-reserved at 1000", true),
            tuple("metadata-used at 1000", false));
  }

  @Test
  void growthIsTheWorstOfManyAgainstTheMedianOfFew() {
    results.add(Peer.JITMEM, 1000, "adversarial-alloc ns 10;adversarial-alloc-worst ns 100");
    results.add(Peer.JITMEM, 100_000, "adversarial-alloc ns 20;adversarial-alloc-worst ns 41");
    assertThat(Goal.of(results))
        .filteredOn(goal -> goal.measured().isPresent())
        .singleElement()
        .satisfies(
            goal -> {
              assertThat(goal.measured()).hasValue(4.1);
              assertThat(goal.isReached()).isFalse();
            });
  }
}
