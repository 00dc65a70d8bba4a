// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What is printed and saved at the end: the machine, how it was measured, the table, the goals.
final class Report {
  private static final Path RECORD = Path.of("results");
  private static final Path SCRATCH = Path.of("target", "results");

  private final Options options;
  private final Plan plan;
  private final Results results;
  private final Map<String, String> descriptions;

  Report(Options options, Plan plan, Results results, Map<String, String> descriptions) {
    this.options = options;
    this.plan = plan;
    this.results = results;
    this.descriptions = descriptions;
  }

  String text(long seconds) throws IOException {
    StringBuilder text = new StringBuilder(Machine.describe());
    descriptions.forEach((peer, description) -> text.append(peer + ": " + description + "\n"));
    text.append(
        String.format(
            Locale.ROOT,
            "%s mode, medians of %d rounds, %s, %d s in all; n is the number of live spans%n%n",
            options.full() ? "Long" : "Short",
            plan.rounds(),
            options.processorTime() ? "processor time" : "time that passes",
            seconds));
    text.append(Table.format(results)).append('\n');
    text.append(Table.goals(Goal.of(results)));
    text.append(new BuildRatios(results).summary());
    return text.toString();
  }

  /// Saves the text and the file of results.
  ///
  /// @param whole whether the comparison went through
  /// @return the folder: that of the record if everything was measured and the peers that most
  ///     goals name took part; else one of the build
  Path save(String text, boolean whole) throws IOException {
    boolean compared = descriptions.keySet().containsAll(List.of(Peer.ASMJIT, Peer.GLIBC));
    Path folder = whole && compared && options.isComplete() ? RECORD : SCRATCH;
    Files.createDirectories(folder);
    for (Map.Entry<String, String> file :
        List.of(Map.entry("latest.csv", results.csv()), Map.entry("latest.txt", text))) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    return folder;
  }
}
