// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;

/// A diagram of one workload: nanoseconds over the number of live spans, one line per allocator.
///
/// @param title what stands above it
/// @param workload the name in the file of results
record Panel(String title, String workload) {
  private static final int LEFT = 66;
  private static final int RIGHT = 78;
  private static final int TOP = 40;
  private static final int BOTTOM = 48;
  private static final int LABEL_HEIGHT = 13;
  private static final String INK = "#333333";
  private static final String GRID = "#dddddd";

  // Colors that can be told apart with any kind of color vision (Okabe and Ito)
  private static final List<String> COLORS =
      List.of("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00");

  /// The name of a line, at its end.
  ///
  /// @param y where the line ends
  /// @param color the color of the line
  /// @param name what is written
  private record Label(double y, String color, String name) {}

  void draw(Svg svg, Measurements measurements, int left, int top, int width, int height) {
    Map<String, NavigableMap<Double, Double>> lines = measurements.of(workload);
    List<Double> counts = lines.values().stream().flatMap(l -> l.keySet().stream()).toList();
    List<Double> values = lines.values().stream().flatMap(l -> l.values().stream()).toList();
    LogScale x = LogScale.around(counts, left + LEFT, left + width - RIGHT);
    LogScale y = LogScale.around(values, top + height - BOTTOM, top + TOP);
    svg.text(left + LEFT, top + TOP - 14, "start", INK, title);
    drawGrid(svg, x, y);
    List<Label> labels = new ArrayList<>();
    lines.forEach(
        (allocator, line) -> {
          String color = COLORS.get(measurements.allocators().indexOf(allocator) % COLORS.size());
          double[] xs = line.keySet().stream().mapToDouble(x::position).toArray();
          double[] ys = line.values().stream().mapToDouble(y::position).toArray();
          svg.path(xs, ys, color, allocator.equals(measurements.allocators().getFirst()) ? 3 : 1.5);
          labels.add(new Label(ys[ys.length - 1], color, allocator));
        });
    drawLabels(svg, labels, x.end() + 8);
  }

  private static void drawGrid(Svg svg, LogScale x, LogScale y) {
    for (int exponent = x.first(); exponent <= x.last(); exponent++) {
      double position = x.position(Math.pow(10, exponent));
      svg.line(position, y.start(), position, y.end(), GRID);
      svg.text(position, y.start() + 16, "middle", INK, power(exponent));
    }
    for (int exponent = y.first(); exponent <= y.last(); exponent++) {
      double position = y.position(Math.pow(10, exponent));
      svg.line(x.start(), position, x.end(), position, GRID);
      svg.text(x.start() - 6, position + 4, "end", INK, power(exponent));
    }
    svg.text((x.start() + x.end()) / 2, y.start() + 34, "middle", INK, "live spans");
    svg.text(x.start() - 6, y.end() - 14, "end", INK, "ns");
  }

  /// Writes names from top to bottom, none over another.
  private static void drawLabels(Svg svg, List<Label> labels, double x) {
    labels.sort(Comparator.comparingDouble(Label::y));
    double free = Double.NEGATIVE_INFINITY;
    for (Label label : labels) {
      double y = Math.max(label.y(), free);
      svg.text(x, y + 4, "start", label.color(), label.name());
      free = y + LABEL_HEIGHT;
    }
  }

  /// A power of ten with commas; digits are easier to read than exponents.
  private static String power(int exponent) {
    return exponent < 0
        ? String.valueOf(Math.pow(10, exponent))
        : String.format(Locale.ROOT, "%,d", (long) Math.pow(10, exponent));
  }
}
