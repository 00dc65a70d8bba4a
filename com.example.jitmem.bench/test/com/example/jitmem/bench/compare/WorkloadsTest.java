// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Everything the comparison measures, on a few spans, in the process that runs it.
class WorkloadsTest {
  private static final Peer OURS =
      new Peer(
          Peer.JITMEM,
          "",
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "--enable-native-access=ALL-UNNAMED",
              "-classpath",
              System.getProperty("java.class.path"),
              "com.example.jitmem.bench.workload.Worker"),
          Map.of(),
          true);

  @Test
  void everyWorkloadRuns() throws Exception {
    Results results = new Results(Peer.COLUMNS);
    Set<String> done = new HashSet<>();
    try (WorkerProcess process = new WorkerProcess(OURS)) {
      for (Case planned : Plan.full().cases()) {
        int liveSpans = Math.min(planned.liveSpans(), 100);
        if (done.add(planned.workload() + liveSpans)) {
          Case small = new Case(planned.name(), planned.workload(), liveSpans, 2000, false);
          assertThat(process.open(small)).as(small.toString()).isTrue();
          results.add(Peer.JITMEM, liveSpans, process.ask("round 0"));
          process.ask("close");
        }
      }
    }
    for (Results.Row row : results.rows()) {
      double value = results.median(row, Peer.JITMEM).orElseThrow();
      assertThat(value).as(row.toString()).isFinite();
      if (row.unit().equals("ns")) {
        assertThat(value).as(row.toString()).isPositive();
      }
    }
    assertThat(results.rows()).extracting(Results.Row::workload).containsAll(namesOfGoals(results));
  }

  /// A goal whose row is not measured would never be missed.
  private static List<String> namesOfGoals(Results results) {
    List<String> names = new ArrayList<>();
    for (Goal goal : Goal.of(results)) {
      names.add(goal.what().substring(0, goal.what().indexOf(' ')));
    }
    return names;
  }
}
