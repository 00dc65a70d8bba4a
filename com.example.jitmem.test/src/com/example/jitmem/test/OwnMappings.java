// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The mappings of the component among all of this process. They are known from the log that the
/// component writes when a system property names a file.
final class OwnMappings {
  private static final String LOG_PROPERTY = "com.example.jitmem.mapping.log";
  private static final Path MAPS = Path.of("/proc/self/maps");

  private OwnMappings() {}

  /// The lines of `/proc/self/maps` that lie in ranges which the component holds.
  static List<String> lines() throws IOException {
    NavigableMap<Long, Long> held = heldRanges();
    try (Stream<String> lines = Files.lines(MAPS)) {
      return lines.filter(line -> overlaps(held, Mapping.of(line))).toList();
    }
  }

  /// The access to an address, such as `r-xs`.
  static String access(long address) throws IOException {
    try (Stream<String> lines = Files.lines(MAPS)) {
      return lines
          .map(Mapping::of)
          .filter(mapping -> mapping.start() <= address && address < mapping.end())
          .map(Mapping::access)
          .findFirst()
          .orElse("unmapped");
    }
  }

  /// Tells whether an address lies in a range that the component holds.
  static boolean isOwn(long address) throws IOException {
    return overlaps(heldRanges(), new Mapping(address, address + 1, ""));
  }

  private static NavigableMap<Long, Long> heldRanges() throws IOException {
    NavigableMap<Long, Long> held = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of(System.getProperty(LOG_PROPERTY)))) {
      Scanner words = new Scanner(line);
      boolean isMapped = words.next().equals("+");
      long start = words.nextLong(16);
      if (isMapped) {
        held.put(start, words.nextLong(16));
      } else {
        held.remove(start);
      }
    }
    return held;
  }

  private static boolean overlaps(NavigableMap<Long, Long> ranges, Mapping mapping) {
    Map.Entry<Long, Long> range = ranges.lowerEntry(mapping.end());
    return range != null && range.getValue() > mapping.start();
  }

  /// The start of a line of `/proc/self/maps`.
  private record Mapping(long start, long end, String access) {
    private static final Pattern LINE = Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) (\\S+) .*");

    static Mapping of(String line) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new AssertionError(line);
      }
      return new Mapping(
          Long.parseUnsignedLong(matcher.group(1), 16),
          Long.parseUnsignedLong(matcher.group(2), 16),
          matcher.group(3));
    }
  }
}
