// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.virtmem.CodeWriting;
import java.io.PrintStream;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.stream.Collectors;

/// Prints what the example found.
final class Report {
  private static final int FIRST_ROWS = 5;

  private final PrintStream out;

  Report(PrintStream out) {
    this.out = out;
  }

  void start(String table, int rowCount, CodeWriting codeWriting) {
    out.printf("%s, %d rows%n", table, rowCount);
    out.printf("code writing: %s%n", codeWriting);
  }

  void evaluation(Evaluation evaluation) {
    Task task = evaluation.task();
    CompiledFormula code = evaluation.code();
    out.printf("%n%s: %s%n", task.title(), task.formula().text());
    out.printf("  code          %d bytes at 0x%x%n", code.codeSize(), code.address());
    results(evaluation);
    long same = evaluation.rowCount() - evaluation.differences();
    out.printf(
        "  comparison    %d of %d rows equal plain Java bit for bit%n",
        same, evaluation.rowCount());
    time("time per row", evaluation.codeNanos(), "as machine code");
    time("", evaluation.interpretedNanos(), "in plain Java, walking the tree");
    evaluation
        .handWrittenNanos()
        .ifPresent(nanos -> time("", nanos, "in plain Java, written by hand"));
  }

  private void results(Evaluation evaluation) {
    DoubleSummaryStatistics summary = evaluation.summary();
    String firstResults =
        evaluation
            .firstResults(FIRST_ROWS)
            .mapToObj(result -> String.format(Locale.ROOT, "%.3f", result))
            .collect(Collectors.joining("  "));
    out.printf("  first rows    %s%n", firstResults);
    out.printf(
        Locale.ROOT,
        "  sum           %.3f, smallest %.3f, largest %.3f%n",
        summary.getSum(),
        summary.getMin(),
        summary.getMax());
  }

  private void time(String label, double nanos, String how) {
    out.printf(Locale.ROOT, "  %-12s  %.2f ns %s%n", label, nanos, how);
  }

  /// Prints what this bundle holds of the allocator, and the allocator's memory.
  void statistics(Statistics beforeRelease, Statistics afterRelease) {
    out.println();
    statistics("before", beforeRelease);
    statistics("after", afterRelease);
  }

  private void statistics(String when, Statistics statistics) {
    out.printf(
        "allocator %s release: %d spans, %d bytes used, %d bytes committed%n",
        when, statistics.ownSpanCount(), statistics.ownUsedBytes(), statistics.reservedBytes());
  }
}
