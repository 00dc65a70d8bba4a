// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_EXECUTE_READ;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_EXECUTE_READWRITE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_NOACCESS;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_READONLY;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_READWRITE;

import com.example.jitmem.impl.os.HostMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The address space of the model of Windows, as the documentation of the memory functions
/// describes it: placeholders, private allocations and views. Where it leaves something open, the
/// model refuses.
final class ModelMemory {
  static final long GRANULARITY = 0x10000;

  /// What is at some addresses.
  ///
  /// @param kind what it is
  /// @param view the protection a view was mapped with; 0 for others
  /// @param section the section of a view; 0 for others
  /// @param committed the pages of a private allocation that have memory
  record Range(long start, long end, Kind kind, int view, long section, BitSet committed) {
    static Range placeholder(long start, long end) {
      return new Range(start, end, Kind.PLACEHOLDER, 0, 0, new BitSet());
    }
  }

  enum Kind {
    PLACEHOLDER,
    PRIVATE,
    VIEW
  }

  final HostMemory host = new HostMemory();
  private final long pageSize = host.pageSize();
  private final TreeMap<Long, Range> ranges = new TreeMap<>();

  /// Sets addresses aside.
  Range reserve(long byteSize, long alignment, Kind kind) {
    return set(host.reserve(byteSize, Math.max(alignment, GRANULARITY)), byteSize, kind);
  }

  /// Sets addresses aside that are between two; null if none are free.
  @Nullable Range reserve(long byteSize, long lowest, long last, long alignment, Kind kind) {
    long step = Math.max(alignment, GRANULARITY);
    long start = host.reserveBetween(lowest, last, byteSize, step);
    return start == 0 ? null : set(start, byteSize, kind);
  }

  private Range set(long start, long byteSize, Kind kind) {
    Range range = new Range(start, start + byteSize, kind, 0, 0, new BitSet());
    ranges.put(start, range);
    return range;
  }

  /// What holds all of some addresses, or null.
  @Nullable Range holding(long address, long byteSize) {
    Map.Entry<Long, Range> before = ranges.floorEntry(address);
    boolean holds = before != null && byteSize > 0 && before.getValue().end() >= address + byteSize;
    return holds ? before.getValue() : null;
  }

  /// What begins at an address, or null.
  @Nullable Range startingAt(long address) {
    return ranges.get(address);
  }

  /// The placeholder of exactly some addresses, or null.
  @Nullable Range placeholder(long address, long byteSize) {
    Range range = ranges.get(address);
    boolean exact =
        range != null && range.kind() == Kind.PLACEHOLDER && range.end() == address + byteSize;
    return exact ? range : null;
  }

  void commit(Range range, long address, long byteSize, int protection) {
    range.committed().set(page(range, address), page(range, address + byteSize));
    host.protect(address, byteSize, hostProtection(protection));
  }

  void decommit(Range range, long address, long byteSize) {
    range.committed().clear(page(range, address), page(range, address + byteSize));
    host.vacate(address, byteSize);
  }

  boolean isCommitted(Range range, long address, long byteSize) {
    return range.kind() == Kind.VIEW
        || range.committed().nextClearBit(page(range, address)) >= page(range, address + byteSize);
  }

  private int page(Range range, long address) {
    return Math.toIntExact((address - range.start()) / pageSize);
  }

  /// Cuts a placeholder in two.
  boolean split(Range range, long address, long byteSize) {
    long end = address + byteSize;
    boolean inTwo =
        range.kind() == Kind.PLACEHOLDER
            && byteSize < range.end() - range.start()
            && (address == range.start() || end == range.end());
    if (inTwo) {
      long cut = address == range.start() ? end : address;
      ranges.put(range.start(), Range.placeholder(range.start(), cut));
      ranges.put(cut, Range.placeholder(cut, range.end()));
    }
    return inTwo;
  }

  /// Joins at least two placeholders of exactly some addresses.
  boolean join(long address, long byteSize) {
    long at = address;
    int count = 0;
    while (at < address + byteSize) {
      Range range = ranges.get(at);
      if (range == null || range.kind() != Kind.PLACEHOLDER) {
        return false;
      }
      at = range.end();
      count++;
    }
    if (at != address + byteSize || count < 2) {
      return false;
    }
    ranges.subMap(address, at).clear();
    ranges.put(address, Range.placeholder(address, at));
    return true;
  }

  void replaceByPrivate(Range range) {
    ranges.put(
        range.start(), new Range(range.start(), range.end(), Kind.PRIVATE, 0, 0, new BitSet()));
  }

  void replaceByView(Range range, long section, long file, long offset, int protection) {
    long start = range.start();
    host.mapShared(file, offset, start, range.end() - start, hostProtection(protection));
    ranges.put(start, new Range(start, range.end(), Kind.VIEW, protection, section, new BitSet()));
  }

  void replaceByPlaceholder(Range range) {
    host.vacate(range.start(), range.end() - range.start());
    ranges.put(range.start(), Range.placeholder(range.start(), range.end()));
  }

  void free(Range range) {
    host.unmap(range.start(), range.end() - range.start());
    ranges.remove(range.start());
  }

  void protect(long address, long byteSize, int protection) {
    host.protect(address, byteSize, hostProtection(protection));
  }

  /// Whether a view that was mapped with a protection can get another one.
  static boolean allows(int view, int protection) {
    return switch (protection) {
      case PAGE_NOACCESS, PAGE_READONLY -> true;
      case PAGE_READWRITE -> view == PAGE_READWRITE || view == PAGE_EXECUTE_READWRITE;
      case PAGE_EXECUTE_READ -> view == PAGE_EXECUTE_READ || view == PAGE_EXECUTE_READWRITE;
      case PAGE_EXECUTE_READWRITE -> view == PAGE_EXECUTE_READWRITE;
      default -> false;
    };
  }

  static boolean isProtection(int protection) {
    return allows(PAGE_EXECUTE_READWRITE, protection);
  }

  private static int hostProtection(int protection) {
    return switch (protection) {
      case PAGE_NOACCESS -> PosixMemory.PROT_NONE;
      case PAGE_READONLY -> PosixMemory.PROT_READ;
      case PAGE_READWRITE -> PosixMemory.PROT_READ | PosixMemory.PROT_WRITE;
      case PAGE_EXECUTE_READ -> PosixMemory.PROT_READ | PosixMemory.PROT_EXEC;
      case PAGE_EXECUTE_READWRITE ->
          PosixMemory.PROT_READ | PosixMemory.PROT_WRITE | PosixMemory.PROT_EXEC;
      default -> throw new AssertionError("No protection: " + protection);
    };
  }

  @Override
  public String toString() {
    return ranges.values().stream()
        .map(range -> range.kind() + " of " + (range.end() - range.start()))
        .toList()
        .toString();
  }
}
