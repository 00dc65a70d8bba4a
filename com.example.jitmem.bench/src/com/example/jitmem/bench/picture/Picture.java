// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The command that draws how the cost of operations grows with the number of live spans.
public final class Picture {
  private static final Path FOLDER = Path.of("results");
  private static final int WIDTH = 470;
  private static final int HEIGHT = 330;

  private Picture() {}

  /// Draws the file of results.
  ///
  /// @param args the file of results and the picture, or nothing for those of the record
  /// @throws IOException if the file cannot be read or the picture not written
  public static void main(String[] args) throws IOException {
    Path source = args.length > 0 ? Path.of(args[0]) : FOLDER.resolve("latest.csv");
    Path target = args.length > 1 ? Path.of(args[1]) : FOLDER.resolve("growth.svg");
    Files.writeString(target, draw(Measurements.read(Files.readAllLines(source))));
    System.out.println("Drew " + target);
  }

  static String draw(Measurements measurements) {
    List<Panel> panels =
        List.of(
            new Panel("Churn: release a random span, allocate another", "churn"),
            new Panel("Fill an empty allocator", "fill"),
            new Panel("Release all in random order", "release-random"),
            new Panel("Find a span by an address", "query"));
    int rows = (panels.size() + 1) / 2;
    Svg svg = new Svg(2 * WIDTH, rows * HEIGHT);
    for (int i = 0; i < panels.size(); i++) {
      panels.get(i).draw(svg, measurements, i % 2 * WIDTH, i / 2 * HEIGHT, WIDTH, HEIGHT);
    }
    return svg.finish();
  }
}
