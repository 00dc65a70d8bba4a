// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// What was measured, as medians over what counts of all rounds.
final class Results {
  /// A row of the table.
  ///
  /// @param workload what was done
  /// @param liveSpans with how many live spans
  /// @param unit lower is better unless it is `ratio`
  record Row(String workload, int liveSpans, String unit) {}

  private final List<String> columns;
  private final Map<Row, Map<String, List<Double>>> values = new LinkedHashMap<>();

  /// @param columns the names of the peers in the order of their columns, ours first
  Results(List<String> columns) {
    this.columns = columns;
  }

  List<String> columns() {
    return columns;
  }

  /// Takes a worker's answer to `round` in.
  void add(String peer, int liveSpans, String answer) {
    for (String figure : answer.split(";", -1)) {
      String[] parts = figure.split(" ", -1);
      Row row = new Row(parts[0], liveSpans, parts[1]);
      values
          .computeIfAbsent(row, key -> new HashMap<>())
          .computeIfAbsent(peer, key -> new ArrayList<>())
          .add(Double.valueOf(parts[2]));
    }
  }

  /// All rows in the order in which they were measured first.
  List<Row> rows() {
    return List.copyOf(values.keySet());
  }

  /// The median of a cell, empty if the peer has no such operation.
  OptionalDouble median(Row row, String peer) {
    return Peer.median(values.getOrDefault(row, Map.of()).getOrDefault(peer, List.of()));
  }

  /// The median of the row with a name and a number of live spans, empty if there is none.
  OptionalDouble median(String workload, int liveSpans, String peer) {
    return rows().stream()
        .filter(row -> row.workload().equals(workload) && row.liveSpans() == liveSpans)
        .findFirst()
        .map(row -> median(row, peer))
        .orElse(OptionalDouble.empty());
  }

  /// The file of results.
  String csv() {
    StringBuilder csv = new StringBuilder("workload,n,unit,");
    csv.append(String.join(",", columns)).append('\n');
    for (Row row : rows()) {
      csv.append(row.workload()).append(',').append(row.liveSpans()).append(',').append(row.unit());
      for (String peer : columns) {
        csv.append(',').append(format(median(row, peer)));
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  /// Four significant digits, without an exponent.
  static String format(OptionalDouble value) {
    if (value.isEmpty()) {
      return "";
    }
    double number = value.getAsDouble();
    double magnitude = Math.abs(number);
    String pattern = magnitude >= 1000 ? "%.0f" : magnitude >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, pattern, number);
  }
}
