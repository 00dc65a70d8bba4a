// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel tells in files.
///
/// Where a file is missing or cannot be read, as in some containers, the answer is 0.
final class KernelFiles {
  /// The size of a transparent huge page in bytes, Documentation/admin-guide/mm/transhuge.rst.
  private static final Path LARGE_PAGE_SIZE =
      Path.of("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

  /// The mappings of this process with figures of each, proc_pid_smaps(5).
  private static final Path SMAPS = Path.of("/proc/self/smaps");

  private static final System.Logger LOGGER = System.getLogger(KernelFiles.class.getName());

  private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");

  private static final Pattern LARGE_PAGES =
      Pattern.compile(
          "^(?:AnonHugePages|ShmemPmdMapped|FilePmdMapped|Shared_Hugetlb|Private_Hugetlb):"
              + " +([0-9]+) kB$");

  private KernelFiles() {}

  /// The size of a large page.
  static long largePageSize() {
    try {
      long byteSize = Long.parseLong(Files.readString(LARGE_PAGE_SIZE).trim());
      return Long.bitCount(byteSize) == 1 && byteSize > 0 ? byteSize : 0;
    } catch (IOException | NumberFormatException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "No large pages: " + LARGE_PAGE_SIZE, e);
      return 0;
    }
  }

  /// How much of a range is mapped in large pages. A mapping that is only partly in the range
  /// counts with at most that part.
  static long largePageBytes(long address, long byteSize) {
    try {
      return largePageBytes(Files.readAllLines(SMAPS), address, byteSize);
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Large pages are not counted: " + SMAPS, e);
      return 0;
    }
  }

  static long largePageBytes(List<String> smaps, long address, long byteSize) {
    long total = 0;
    long overlap = 0;
    for (String line : smaps) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        long start = Long.parseUnsignedLong(mapping.group(1), 16);
        long end = Long.parseUnsignedLong(mapping.group(2), 16);
        overlap = Math.min(end, address + byteSize) - Math.max(start, address);
      } else if (overlap > 0) {
        Matcher figure = LARGE_PAGES.matcher(line);
        if (figure.matches()) {
          total += Math.min(overlap, Long.parseLong(figure.group(1)) * 1024);
        }
      }
    }
    return total;
  }
}
