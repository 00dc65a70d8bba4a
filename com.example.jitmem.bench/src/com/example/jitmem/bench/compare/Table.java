// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The results as a table for reading: each column, and ours in relation to each of the others.
final class Table {
  private Table() {}

  static String format(Results results) {
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, "%-38s %9s %-8s", "workload", "n", "unit"));
    for (String peer : results.columns()) {
      table.append(String.format(Locale.ROOT, " %9s", peer));
    }
    table.append("  | ours /");
    for (String peer : others(results)) {
      table.append(String.format(Locale.ROOT, " %8s", peer));
    }
    table.append('\n');
    for (Results.Row row : results.rows()) {
      append(table, results, row);
    }
    return table.toString();
  }

  private static void append(StringBuilder table, Results results, Results.Row row) {
    table.append(
        String.format(Locale.ROOT, "%-38s %9d %-8s", row.workload(), row.liveSpans(), row.unit()));
    for (String peer : results.columns()) {
      table.append(String.format(Locale.ROOT, " %9s", Results.format(results.median(row, peer))));
    }
    table.append("  |       ");
    OptionalDouble ours = results.median(row, Peer.JITMEM);
    for (String peer : others(results)) {
      OptionalDouble other = results.median(row, peer);
      String ratio =
          ours.isPresent() && other.isPresent() && other.getAsDouble() > 0
              ? String.format(Locale.ROOT, "%.3f", ours.getAsDouble() / other.getAsDouble())
              : "";
      table.append(String.format(Locale.ROOT, " %8s", ratio));
    }
    table.append('\n');
  }

  /// The goals that something was measured for.
  static String goals(List<Goal> goals) {
    StringBuilder table = new StringBuilder();
    for (Goal goal : goals) {
      if (goal.measured().isPresent()) {
        table.append(
            String.format(
                Locale.ROOT,
                "%-7s %-60s %8.3f  goal %s %.3f%n",
                goal.isReached() ? "reached" : "MISSED",
                goal.what(),
                goal.measured().getAsDouble(),
                goal.atLeast() ? "at least" : "at most",
                goal.limit()));
      }
    }
    return table.toString();
  }

  private static List<String> others(Results results) {
    return results.columns().subList(1, results.columns().size());
  }
}
