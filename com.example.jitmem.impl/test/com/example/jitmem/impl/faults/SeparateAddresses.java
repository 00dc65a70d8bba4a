// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Places everything that is mapped through it in addresses of its own, where the JVM and its
/// libraries map nothing, so that every line of `/proc/self/maps` there is ours.
///
/// The system takes an address without `MAP_FIXED` as a hint and follows it if the range is free,
/// mmap(2).
final class SeparateAddresses implements NativeCalls {
  /// Above the heap of every collector, below everything Linux places by itself on x86-64.
  private static final long FIRST_START = 0x1000_0000_0000L;

  private static final long LAST_END = 0x5000_0000_0000L;

  private static final long BYTE_SIZE = 1L << 40;

  /// Room before the first mapping, for memory that is placed near it.
  private static final long MARGIN = 8L << 30;

  /// Keeps mappings apart, so that the kernel does not merge them, and fits all page sizes.
  private static final long STEP = 2L * 1024 * 1024;

  private static final Path MAPS = Path.of("/proc/self/maps");

  private static final AtomicLong NEXT_START = new AtomicLong(FIRST_START);

  private final NativeCalls system;
  private final long start = NEXT_START.getAndAdd(BYTE_SIZE);
  private final long end = start + BYTE_SIZE;
  private long next = start + MARGIN;

  SeparateAddresses(NativeCalls system) {
    if (end > LAST_END) {
      throw new AssertionError("All windows are taken");
    }
    this.system = system;
  }

  @Override
  public synchronized Result call(CFunction function, long... arguments) {
    if (!function.equals(PosixMemory.MMAP) || arguments[0] != 0) {
      return system.call(function, arguments);
    }
    long[] hinted = arguments.clone();
    hinted[0] = next;
    Result result = system.call(function, hinted);
    if (result.value() != -1) {
      next = (next + arguments[1] + 2 * STEP - 1) & -STEP;
      requireInside(result.value(), arguments[1]);
    }
    return result;
  }

  private void requireInside(long address, long byteSize) {
    if (address < start || address + byteSize > end) {
      throw new AssertionError("Mapped outside of the window: " + Long.toHexString(address));
    }
  }

  /// Starts again from the beginning, where nothing is mapped any more.
  synchronized void rewind() {
    next = start + MARGIN;
  }

  /// Unmaps everything, after a failure.
  synchronized void clear() {
    system.call(PosixMemory.MUNMAP, start, BYTE_SIZE);
    rewind();
  }

  /// The lines of `/proc/self/maps` in the window.
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(MAPS)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        long address = Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16);
        if (Long.compareUnsigned(address, end) >= 0) {
          break;
        }
        if (address >= start) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /// Lines without what follows the access, and those that continue each other as one: a mapping of
  /// which a part had another access for a moment may stay in pieces.
  static List<String> merged(List<String> lines) {
    List<String> merged = new ArrayList<>();
    for (String line : lines) {
      String start = line.substring(0, line.indexOf('-'));
      String range = line.substring(0, line.indexOf(' '));
      String access = line.substring(range.length(), range.length() + 5);
      String last = merged.isEmpty() ? "" : merged.getLast();
      if (last.endsWith("-" + start + access)) {
        merged.removeLast();
        range = last.substring(0, last.indexOf('-')) + range.substring(start.length());
      }
      merged.add(range + access);
    }
    return merged;
  }

  /// How much of the window is mapped with a kind of access.
  ///
  /// @param letter as the kernel writes it: `r`, `w` or `x`
  static long byteSize(List<String> lines, String letter) {
    long total = 0;
    for (String line : lines) {
      int dash = line.indexOf('-');
      int space = line.indexOf(' ');
      if (line.substring(space, space + 5).contains(letter)) {
        total +=
            Long.parseUnsignedLong(line, dash + 1, space, 16)
                - Long.parseUnsignedLong(line, 0, dash, 16);
      }
    }
    return total;
  }
}
