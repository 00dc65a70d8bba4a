// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.testing.ProcessMaps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The ranges of addresses that the component holds, by the log that it writes for tests: lines
/// `+ START END KIND` and `- START END`, in hexadecimal.
final class LoggedMappings {
  /// The system property that names the log.
  static final String PROPERTY = "com.example.jitmem.mapping.log";

  private record Range(long start, long end) {}

  /// How often a range is held. Threads may log the end of one mapping after the beginning of
  /// another at the same address.
  private final Map<Range, Integer> held = new HashMap<>();

  private LoggedMappings() {}

  static LoggedMappings read() {
    LoggedMappings mappings = new LoggedMappings();
    for (String line : lines()) {
      String[] words = line.split(" ", -1);
      Range range =
          new Range(Long.parseUnsignedLong(words[1], 16), Long.parseUnsignedLong(words[2], 16));
      mappings.held.merge(range, words[0].equals("+") ? 1 : -1, Integer::sum);
    }
    mappings.held.values().removeIf(count -> count == 0);
    return mappings;
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /// Checks that an address lies in a range that is held.
  void checkHolds(long address) {
    assertThat(held.keySet())
        .as("mappings, of which one holds %x", address)
        .anyMatch(range -> range.start() <= address && address < range.end());
  }

  /// Checks that no page that is held can be both written and executed.
  void checkNoneIsWritableAndExecutable() {
    ProcessMaps maps = ProcessMaps.read();
    for (Range range : held.keySet()) {
      assertThat(maps.within(range.start(), range.end() - range.start()))
          .noneMatch(mapping -> mapping.allows("w", "x"));
    }
  }

  void checkEmpty() {
    assertThat(held).as("mappings that are left").isEmpty();
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of(System.getProperty(PROPERTY)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
