// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.plainjvm.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The address ranges that a log of mappings tells of.
final class Mappings {
  private static final Pattern RANGE =
      Pattern.compile("(?:[+-] )?(\\p{XDigit}+)[ -](\\p{XDigit}+)");
  private static final Pattern EXECUTABLE = Pattern.compile("^\\S+ [r-][w-]x");

  private final Path log;

  private Mappings(Path log) {
    this.log = log;
  }

  static Mappings loggedTo(String file) {
    return new Mappings(Path.of(file));
  }

  /// Ranges that were mapped and not unmapped since.
  List<Range> held() throws IOException {
    List<Range> held = new ArrayList<>();
    for (String line : lines()) {
      Range range = Range.in(line);
      if (line.startsWith("+")) {
        held.add(range);
      } else if (!held.remove(range)) {
        throw new AssertionError("Unmapped, but not mapped as such before: " + range);
      }
    }
    return held;
  }

  /// Mappings of this process that can be executed and lie where a range was ever mapped.
  List<String> executable() throws IOException {
    List<Range> ever = lines().stream().map(Range::in).toList();
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> EXECUTABLE.matcher(line).find())
        .filter(line -> ever.stream().anyMatch(Range.in(line)::overlaps))
        .toList();
  }

  private List<String> lines() throws IOException {
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  /// Addresses from `start` to before `end`.
  record Range(long start, long end) {
    /// The range a line of the log or of `/proc/self/maps` begins with.
    static Range in(String line) {
      Matcher matcher = RANGE.matcher(line);
      if (!matcher.lookingAt()) {
        throw new AssertionError("No range: " + line);
      }
      return new Range(
          Long.parseUnsignedLong(matcher.group(1), 16),
          Long.parseUnsignedLong(matcher.group(2), 16));
    }

    boolean overlaps(Range other) {
      return Long.compareUnsigned(start, other.end) < 0
          && Long.compareUnsigned(other.start, end) < 0;
    }

    @Override
    public String toString() {
      return Long.toHexString(start) + "-" + Long.toHexString(end);
    }
  }
}
