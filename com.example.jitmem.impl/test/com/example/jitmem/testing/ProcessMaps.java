// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import com.example.jitmem.api.virtmem.MemoryAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The mappings of this process as the kernel lists them in `/proc/self/maps`; see
/// proc_pid_maps(5).
public final class ProcessMaps {
  private static final String FLAGS = "VmFlags:";

  /// A mapping, or a part of one.
  ///
  /// @param start the first address
  /// @param end the address behind the last one
  /// @param access as the kernel writes it, for example `r-xs`
  public record Mapping(long start, long end, String access) {
    /// The mapping that a line tells of.
    private static Mapping of(String line) {
      int dash = line.indexOf('-');
      int space = line.indexOf(' ');
      return new Mapping(
          Long.parseUnsignedLong(line, 0, dash, 16),
          Long.parseUnsignedLong(line, dash + 1, space, 16),
          line.substring(space + 1, space + 5));
    }

    /// Whether the access has all of these letters.
    public boolean allows(String... letters) {
      return List.of(letters).stream().allMatch(access::contains);
    }

    private Mapping partIn(long from, long to) {
      return new Mapping(Math.max(start, from), Math.min(end, to), access);
    }
  }

  private final TreeMap<Long, Mapping> byStart = new TreeMap<>();

  private ProcessMaps() {}

  /// The mappings of this moment.
  public static ProcessMaps read() {
    ProcessMaps maps = new ProcessMaps();
    for (String line : lines("maps")) {
      Mapping mapping = Mapping.of(line);
      maps.byStart.put(mapping.start(), mapping);
    }
    return maps;
  }

  /// The parts of mappings that lie in a range at this moment, by address.
  public static List<Mapping> in(long start, long byteSize) {
    return read().within(start, byteSize).stream()
        .map(mapping -> mapping.partIn(start, start + byteSize))
        .toList();
  }

  /// The access to a range, which must be mapped without gaps and the same everywhere.
  public static String accessTo(long start, long byteSize) {
    List<Mapping> parts = in(start, byteSize);
    Set<String> kinds = Set.copyOf(parts.stream().map(Mapping::access).toList());
    if (byteSize(parts) != byteSize || kinds.size() != 1) {
      throw new AssertionError("Not one access: " + parts);
    }
    return kinds.iterator().next();
  }

  /// Whether a range, mapped without gaps, has exactly an access everywhere.
  public static boolean hasAccess(long start, long byteSize, Set<MemoryAccess> access) {
    String expected =
        (access.isEmpty() ? "-" : "r")
            + (access.contains(MemoryAccess.WRITE) ? "w" : "-")
            + (access.contains(MemoryAccess.EXECUTE) ? "x" : "-");
    List<Mapping> parts = in(start, byteSize);
    return byteSize(parts) == byteSize
        && parts.stream().allMatch(part -> part.access().startsWith(expected));
  }

  private static long byteSize(List<Mapping> parts) {
    return parts.stream().mapToLong(part -> part.end() - part.start()).sum();
  }

  /// The flags of the mapping an address lies in, two letters each: the line `VmFlags` of
  /// `/proc/self/smaps`, see proc_pid_smaps(5). For example, `dc` is "not copied by fork".
  public static Set<String> flagsAt(long address) {
    boolean inside = false;
    for (String line : lines("smaps")) {
      if (line.startsWith(FLAGS)) {
        if (inside) {
          return Set.of(line.substring(FLAGS.length()).strip().split(" "));
        }
      } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        Mapping mapping = Mapping.of(line);
        inside = mapping.start() <= address && address < mapping.end();
      }
    }
    throw new AssertionError("No mapping at %x".formatted(address));
  }

  /// The mappings that have at least one byte in a range.
  public List<Mapping> within(long start, long byteSize) {
    List<Mapping> found = new ArrayList<>();
    Map.Entry<Long, Mapping> first = byStart.floorEntry(start);
    if (first != null && first.getValue().end() > start) {
      found.add(first.getValue());
    }
    found.addAll(byStart.subMap(start, false, start + byteSize, false).values());
    return found;
  }

  /// Checks that every byte of a range is mapped with the given access.
  public void checkAccess(long start, long byteSize, String... letters) {
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

  /// The number of open descriptors of memory files of this library.
  public static long memfdCount() {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(ProcessMaps::isOurs).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("memfd:jitmem");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  private static List<String> lines(String name) {
    try {
      return Files.readAllLines(Path.of("/proc/self", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
