// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// Every row of this build in relation to another build of jitmem.
final class BuildRatios {
  /// From here on a row is named; what is below varies from run to run.
  private static final double NOTABLE = 1.15;

  /// A row and how much more this build needs than the other one.
  ///
  /// @param row the row
  /// @param ratio above 1 where this build is worse
  private record Ratio(Results.Row row, double ratio) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3f %s at %d", ratio, row.workload(), row.liveSpans());
    }
  }

  private final List<Ratio> ratios = new ArrayList<>();

  BuildRatios(Results results) {
    for (Results.Row row : results.rows()) {
      OptionalDouble ours = results.median(row, Peer.JITMEM);
      OptionalDouble theirs = results.median(row, Peer.AGAINST);
      if (isPositive(ours) && isPositive(theirs)) {
        double ratio = ours.getAsDouble() / theirs.getAsDouble();
        // More is better where the unit is a ratio
        ratios.add(new Ratio(row, row.unit().equals("ratio") ? 1 / ratio : ratio));
      }
    }
    ratios.sort(Comparator.comparingDouble(Ratio::ratio).reversed());
  }

  private static boolean isPositive(OptionalDouble value) {
    return value.isPresent() && value.getAsDouble() > 0;
  }

  /// The middle of all ratios, the largest one, and every row with a large one; nothing if no other
  /// build took part.
  String summary() {
    if (ratios.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "ours / against: middle of all %d ratios %.3f, largest ratio %s%n",
            ratios.size(),
            Peer.median(ratios.stream().map(Ratio::ratio).toList()).orElseThrow(),
            ratios.getFirst()));
    for (Ratio ratio : ratios) {
      if (ratio.ratio() > NOTABLE) {
        text.append(String.format(Locale.ROOT, "above %.2f: %s%n", NOTABLE, ratio));
      }
    }
    return text.toString();
  }
}
