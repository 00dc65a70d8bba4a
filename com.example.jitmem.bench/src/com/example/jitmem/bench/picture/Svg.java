// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import java.util.Locale;

/// Writes a picture, element by element.
final class Svg {
  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height) {
    add(
        String.format(
            Locale.ROOT,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'"
                + " font-family='DejaVu Sans, Verdana, sans-serif' font-size='12'>",
            width,
            height,
            width,
            height));
    add(String.format(Locale.ROOT, "<rect width='%d' height='%d' fill='white'/>", width, height));
  }

  void line(double x1, double y1, double x2, double y2, String color) {
    add(
        String.format(
            Locale.ROOT, "<path d='M%.1f %.1fL%.1f %.1f' stroke='%s'/>", x1, y1, x2, y2, color));
  }

  /// A line through points.
  void path(double[] xs, double[] ys, String color, double width) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : "L", xs[i], ys[i]));
      add(
          String.format(
              Locale.ROOT,
              "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s'/>",
              xs[i],
              ys[i],
              width + 1,
              color));
    }
    add(
        String.format(
            Locale.ROOT,
            "<path d='%s' fill='none' stroke='%s' stroke-width='%.1f'/>",
            path,
            color,
            width));
  }

  /// Text that begins, ends or has its middle at a place: `start`, `end`, `middle`.
  void text(double x, double y, String anchor, String color, String content) {
    String escaped = content.replace("&", "&amp;").replace("<", "&lt;");
    add(
        String.format(
            Locale.ROOT,
            "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s'>%s</text>",
            x,
            y,
            anchor,
            color,
            escaped));
  }

  String finish() {
    return text.append("</svg>\n").toString();
  }

  private void add(String element) {
    text.append(element).append('\n');
  }
}
