// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.MemoryAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The mappings and descriptors of this process as the kernel lists them.
public final class ProcessMaps {
  private static final Pattern LINE =
      Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ \\d+ *(.*)$");

  private ProcessMaps() {}

  /// A part of a mapping.
  ///
  /// @param access as the kernel writes it, for example `r-xs`
  public record Part(long start, long end, String access) {}

  /// The parts of mappings in a range, by address.
  public static List<Part> in(long address, long byteSize) {
    List<Part> found = new ArrayList<>();
    for (String line : lines("maps")) {
      Matcher mapping = LINE.matcher(line);
      if (mapping.matches()) {
        long start = Math.max(Long.parseUnsignedLong(mapping.group(1), 16), address);
        long end = Math.min(Long.parseUnsignedLong(mapping.group(2), 16), address + byteSize);
        if (start < end) {
          found.add(new Part(start, end, mapping.group(3)));
        }
      }
    }
    return found;
  }

  /// The access to a range, which must be mapped without gaps and the same everywhere.
  public static String accessTo(long address, long byteSize) {
    List<Part> parts = in(address, byteSize);
    Set<String> kinds = Set.copyOf(parts.stream().map(Part::access).toList());
    long mapped = parts.stream().mapToLong(part -> part.end - part.start).sum();
    if (mapped != byteSize || kinds.size() != 1) {
      throw new AssertionError("Not one access: " + parts);
    }
    return kinds.iterator().next();
  }

  /// Whether a range, mapped without gaps, has exactly an access everywhere.
  public static boolean hasAccess(long address, long byteSize, Set<MemoryAccess> access) {
    String expected =
        (access.isEmpty() ? "-" : "r")
            + (access.contains(MemoryAccess.WRITE) ? "w" : "-")
            + (access.contains(MemoryAccess.EXECUTE) ? "x" : "-");
    return in(address, byteSize).stream().allMatch(part -> part.access.startsWith(expected))
        && in(address, byteSize).stream().mapToLong(part -> part.end - part.start).sum()
            == byteSize;
  }

  /// The flags of the mapping that holds an address, for example `dc` for "not copied by fork".
  public static Set<String> flagsAt(long address) {
    boolean here = false;
    for (String line : lines("smaps")) {
      Matcher mapping = LINE.matcher(line);
      if (mapping.matches()) {
        here =
            Long.parseUnsignedLong(mapping.group(1), 16) <= address
                && address < Long.parseUnsignedLong(mapping.group(2), 16);
      } else if (here && line.startsWith("VmFlags:")) {
        return Set.of(line.substring("VmFlags:".length()).trim().split(" "));
      }
    }
    throw new AssertionError("Not mapped: " + Long.toHexString(address));
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
