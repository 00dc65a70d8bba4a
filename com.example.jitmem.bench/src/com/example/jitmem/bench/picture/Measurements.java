// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The file of results.
final class Measurements {
  /// The columns before those of the allocators: workload, number of live spans, unit.
  private static final int KEY_COLUMNS = 3;

  private final List<String> allocators;
  private final List<String[]> rows = new ArrayList<>();

  private Measurements(List<String> allocators) {
    this.allocators = allocators;
  }

  static Measurements read(List<String> lines) {
    String[] header = lines.getFirst().split(",", -1);
    Measurements measurements =
        new Measurements(Arrays.asList(header).subList(KEY_COLUMNS, header.length));
    for (String line : lines.subList(1, lines.size())) {
      measurements.rows.add(line.split(",", -1));
    }
    return measurements;
  }

  List<String> allocators() {
    return allocators;
  }

  /// The values of a workload by the number of live spans, for each allocator that has any.
  Map<String, NavigableMap<Double, Double>> of(String workload) {
    Map<String, NavigableMap<Double, Double>> lines = new LinkedHashMap<>();
    for (String[] row : rows) {
      if (row[0].equals(workload)) {
        for (int i = 0; i < allocators.size(); i++) {
          String value = row[KEY_COLUMNS + i];
          if (!value.isEmpty()) {
            lines
                .computeIfAbsent(allocators.get(i), name -> new TreeMap<>())
                .put(Double.valueOf(row[1]), Double.valueOf(value));
          }
        }
      }
    }
    return lines;
  }
}
