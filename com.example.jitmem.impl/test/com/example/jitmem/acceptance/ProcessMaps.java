// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The mappings of this process as the kernel lists them in `/proc/self/maps`; see
/// proc_pid_maps(5).
final class ProcessMaps {
  /// One line: a range of addresses and its access, such as `r-xs`.
  record Mapping(long start, long end, String access) {
    boolean allows(String... letters) {
      return List.of(letters).stream().allMatch(access::contains);
    }
  }

  private final TreeMap<Long, Mapping> byStart = new TreeMap<>();

  private ProcessMaps() {}

  static ProcessMaps read() {
    ProcessMaps maps = new ProcessMaps();
    for (String line : lines("/proc/self/maps")) {
      Mapping mapping = parse(line);
      maps.byStart.put(mapping.start(), mapping);
    }
    return maps;
  }

  /// The flags of the mapping an address lies in, two letters each: the line `VmFlags` of
  /// `/proc/self/smaps`, see proc_pid_smaps(5).
  static Set<String> flagsAt(long address) {
    boolean inside = false;
    for (String line : lines("/proc/self/smaps")) {
      if (line.startsWith("VmFlags:")) {
        if (inside) {
          return Set.of(line.substring("VmFlags:".length()).strip().split(" "));
        }
      } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        Mapping mapping = parse(line);
        inside = mapping.start() <= address && address < mapping.end();
      }
    }
    throw new AssertionError("No mapping at %x".formatted(address));
  }

  /// The mappings that have at least one byte in a range.
  List<Mapping> within(long start, long byteSize) {
    List<Mapping> found = new ArrayList<>();
    Map.Entry<Long, Mapping> first = byStart.floorEntry(start);
    if (first != null && first.getValue().end() > start) {
      found.add(first.getValue());
    }
    found.addAll(byStart.subMap(start, false, start + byteSize, false).values());
    return found;
  }

  /// Checks that every byte of a range is mapped with the given access.
  void checkAccess(long start, long byteSize, String... letters) {
    long covered = start;
    for (Mapping mapping : within(start, byteSize)) {
      if (mapping.start() > covered || !mapping.allows(letters)) {
        break;
      }
      covered = mapping.end();
    }
    if (covered < start + byteSize) {
      throw new AssertionError(
          "%x-%x is not mapped with %s from %x on: %s"
              .formatted(
                  start,
                  start + byteSize,
                  String.join("", letters),
                  covered,
                  within(start, byteSize)));
    }
  }

  private static Mapping parse(String line) {
    int dash = line.indexOf('-');
    int space = line.indexOf(' ');
    return new Mapping(
        Long.parseUnsignedLong(line, 0, dash, 16),
        Long.parseUnsignedLong(line, dash + 1, space, 16),
        line.substring(space + 1, space + 5));
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
