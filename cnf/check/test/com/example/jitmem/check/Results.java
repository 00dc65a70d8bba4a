// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The record of the comparison: its figures as `latest.csv` has them, and its ratios, which are
/// medians over the rounds and stand in `latest.txt` only.
final class Results {
  private static final Path FOLDER = Tree.ROOT.resolve("com.example.jitmem.bench/results");

  private final List<String[]> rows =
      Tree.read(FOLDER.resolve("latest.csv")).lines().map(line -> line.split(",", -1)).toList();

  private final String text = Tree.read(FOLDER.resolve("latest.txt"));

  /// The figure of one peer, in nanoseconds if it is a time.
  BigDecimal figure(String workload, int n, String peer) {
    String[] row = row(workload, n);
    BigDecimal figure = new BigDecimal(row[List.of(rows.getFirst()).indexOf(peer)]);
    return row[2].equals("us") ? figure.scaleByPowerOfTen(3) : figure;
  }

  /// How many times as much jitmem's figure is as that of another peer.
  BigDecimal ratio(String workload, int n, String peer) {
    List<String> named = new ArrayList<>(List.of(rows.getFirst()).subList(4, 8));
    named.removeIf(other -> row(workload, n)[List.of(rows.getFirst()).indexOf(other)].isEmpty());
    Matcher line =
        Pattern.compile("^" + workload + " +" + n + " .*\\|(.*)$", Pattern.MULTILINE).matcher(text);
    String[] ratios = found(line, workload).group(1).strip().split(" +", -1);
    return new BigDecimal(ratios[named.indexOf(peer)]);
  }

  /// How many times as much an operation costs with 100,000 spans as with 1,000.
  BigDecimal growth(String workload) {
    Matcher line =
        Pattern.compile(" " + workload + " at 100000 / at 1000 +([\\d.]+) ").matcher(text);
    return new BigDecimal(found(line, workload).group(1));
  }

  /// The largest growth of the orders meant to be bad.
  BigDecimal largestGrowth() {
    return Pattern.compile(" at 100000 / at 1000 +([\\d.]+) ")
        .matcher(text)
        .results()
        .map(growth -> new BigDecimal(growth.group(1)))
        .max(BigDecimal::compareTo)
        .orElseThrow();
  }

  private String[] row(String workload, int n) {
    return rows.stream()
        .filter(row -> row[0].equals(workload) && row[1].equals(Integer.toString(n)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no row " + workload + " with " + n));
  }

  private static Matcher found(Matcher matcher, String workload) {
    if (!matcher.find()) {
      throw new AssertionError("no line for " + workload);
    }
    return matcher;
  }
}
