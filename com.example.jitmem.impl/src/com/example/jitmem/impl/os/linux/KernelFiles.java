// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.impl.log.LoggerNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the kernel tells in files.
///
/// Where a file is missing or cannot be read, as in some containers, the answer is 0.
final class KernelFiles {
  /// The size of a transparent huge page in bytes, Documentation/admin-guide/mm/transhuge.rst.
  private static final Path LARGE_PAGE_SIZE =
      Path.of("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

  /// The pools of large pages, Documentation/admin-guide/mm/hugetlbpage.rst.
  private static final Path POOLS = Path.of("/sys/kernel/mm/hugepages");

  /// The mappings of this process, proc_pid_maps(5).
  static final Path MAPS = Path.of("/proc/self/maps");

  /// The lowest address that may be mapped, Documentation/admin-guide/sysctl/vm.rst.
  private static final Path MMAP_MIN_ADDRESS = Path.of("/proc/sys/vm/mmap_min_addr");

  /// The limits of this process, proc_pid_limits(5).
  private static final Path LIMITS = Path.of("/proc/self/limits");

  /// The mappings of this process with figures of each, proc_pid_smaps(5).
  private static final Path SMAPS = Path.of("/proc/self/smaps");

  /// Sizes of this process in pages, of which the first is all that is mapped, proc_pid_statm(5).
  private static final Path STATM = Path.of("/proc/self/statm");

  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  /// The figures of large pages in the list, in KiB, by what follows in the line.
  private static final List<byte[]> LARGE_PAGES =
      Stream.of(
              "AnonHugePages:",
              "ShmemPmdMapped:",
              "FilePmdMapped:",
              "Shared_Hugetlb:",
              "Private_Hugetlb:")
          .map(KernelLines::text)
          .toList();

  private static final Pattern STACK_LIMIT =
      Pattern.compile("^Max stack size +([0-9]+|unlimited) .*$");

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

  /// How much this process has mapped, reserved addresses included.
  ///
  /// @return the number of pages; empty where the kernel does not tell
  static OptionalLong mappedPages() {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(STATM).split(" ", 2)[0]));
    } catch (IOException | NumberFormatException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Mapped memory is not known: " + STATM, e);
      return OptionalLong.empty();
    }
  }

  /// Whether the pool has an unclaimed large page, or may grow by one. That may have
  /// changed when the answer is used.
  static boolean hasFreeLargePages(long byteSize) {
    Path pool = POOLS.resolve("hugepages-" + byteSize / 1024 + "kB");
    return count(pool.resolve("free_hugepages")) > count(pool.resolve("resv_hugepages"))
        || count(pool.resolve("nr_overcommit_hugepages"))
            > count(pool.resolve("surplus_hugepages"));
  }

  private static long count(Path file) {
    try {
      return Long.parseLong(Files.readString(file).trim());
    } catch (IOException | NumberFormatException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Unknown: " + file, e);
      return 0;
    }
  }

  /// The lowest address that may be mapped, `vm.mmap_min_addr`; 0 if unknown.
  static long mmapMinAddress() {
    return count(MMAP_MIN_ADDRESS);
  }

  /// The size the stack of the main thread may grow to, `RLIMIT_STACK`; [Long#MAX_VALUE] without a
  /// limit, 0 if unknown.
  static long stackLimit() {
    try (Stream<String> limits = Files.lines(LIMITS)) {
      return limits.mapToLong(KernelFiles::stackLimit).sum();
    } catch (IOException | UncheckedIOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Unknown limit of the stack: " + LIMITS, e);
      return 0;
    }
  }

  /// What a line tells about the limit of the stack.
  private static long stackLimit(String line) {
    Matcher limit = STACK_LIMIT.matcher(line);
    if (!limit.matches()) {
      return 0;
    }
    return limit.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit.group(1));
  }

  /// How much of a range is mapped in large pages. A mapping that is only partly in the range
  /// counts with at most that part.
  static long largePageBytes(long address, long byteSize) {
    return largePageBytes(SMAPS, address, byteSize);
  }

  static long largePageBytes(Path smaps, long address, long byteSize) {
    LargePageSum sum = new LargePageSum(address, address + byteSize);
    try {
      KernelLines.forEach(smaps, sum::visit);
      return sum.total;
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Large pages are not counted: " + smaps, e);
      return 0;
    }
  }

  /// Adds up what the mappings in a range have in large pages.
  private static final class LargePageSum {
    private final long start;
    private final long end;

    /// How much of the mapping that lines are about lies in the range.
    private long overlap;

    private long total;

    LargePageSum(long start, long end) {
      this.start = start;
      this.end = end;
    }

    void visit(KernelLines line) {
      if (line.isMapping()) {
        long mappingStart = line.number(16);
        long mappingEnd = line.number(16);
        overlap = Math.min(mappingEnd, end) - Math.max(mappingStart, start);
      } else if (overlap > 0) {
        for (byte[] figure : LARGE_PAGES) {
          if (line.startsWith(figure)) {
            line.skip(figure.length);
            total += Math.min(overlap, line.number(10) * 1024);
          }
        }
      }
    }
  }
}
