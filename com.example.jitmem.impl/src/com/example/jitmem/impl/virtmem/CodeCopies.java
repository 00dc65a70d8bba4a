// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Copies of parts of a region that are written instead of the region itself. For one thread.
final class CodeCopies {
  /// The alignment of copies: the smallest unit of allocation.
  private static final long ALIGNMENT = 64;

  private final ViewedRegion region;

  /// Never closed: an abandoned session is collected with its copies.
  private final Arena arena = Arena.ofAuto();

  /// Copies by their offset in the region. They do not overlap.
  private final TreeMap<Long, Copy> copies = new TreeMap<>();

  /// The ranges that were written and are not yet in the region, from start to end. No two of them
  /// touch.
  private final TreeMap<Long, Long> written = new TreeMap<>();

  /// @param bytes the copy
  /// @param current whether it holds the last writes of the session, and not old content of the
  ///     region
  private record Copy(MemorySegment bytes, boolean current) {
    long byteSize() {
      return bytes.byteSize();
    }
  }

  CodeCopies(ViewedRegion region) {
    this.region = region;
  }

  /// A copy of a range with what was written to it in this session. Copies of the same range are
  /// the same memory, unless a larger range was requested in between.
  ///
  /// @throws VirtMemException if there is no memory for it
  MemorySegment writable(long offset, long byteSize) {
    Map.Entry<Long, Copy> before = copies.floorEntry(offset);
    if (before == null || before.getKey() + before.getValue().byteSize() < offset + byteSize) {
      return merged(offset, byteSize);
    }
    long start = before.getKey();
    Copy copy = before.getValue();
    if (!copy.current) {
      copy.bytes.copyFrom(region.rx().asSlice(start, copy.byteSize()));
      copies.put(start, new Copy(copy.bytes, true));
    }
    return copy.bytes.asSlice(offset - start, byteSize);
  }

  /// A copy of a range that replaces the copies overlapping it.
  private MemorySegment merged(long offset, long byteSize) {
    NavigableMap<Long, Copy> overlapping = overlapping(offset, byteSize);
    long start = offset;
    long end = offset + byteSize;
    if (!overlapping.isEmpty()) {
      start = Math.min(start, overlapping.firstKey());
      Map.Entry<Long, Copy> last = overlapping.lastEntry();
      end = Math.max(end, last.getKey() + last.getValue().byteSize());
    }
    MemorySegment bytes = allocate(end - start);
    bytes.copyFrom(region.rx().asSlice(start, end - start));
    for (Map.Entry<Long, Copy> old : overlapping.entrySet()) {
      if (old.getValue().current) {
        bytes.asSlice(old.getKey() - start).copyFrom(old.getValue().bytes);
      }
    }
    overlapping.clear();
    copies.put(start, new Copy(bytes, true));
    return bytes.asSlice(offset - start, byteSize);
  }

  private MemorySegment allocate(long byteSize) {
    try {
      return arena.allocate(byteSize, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      VirtMemException shortage =
          new VirtMemException(
              VirtMemException.Reason.OUT_OF_MEMORY,
              "Out of memory for a copy of "
                  + byteSize
                  + " bytes of code that is being written: raise -XX:MaxDirectMemorySize");
      shortage.initCause(e);
      throw shortage;
    }
  }

  private NavigableMap<Long, Copy> overlapping(long offset, long byteSize) {
    Map.Entry<Long, Copy> before = copies.floorEntry(offset);
    boolean reaches = before != null && before.getKey() + before.getValue().byteSize() > offset;
    return copies.subMap(reaches ? before.getKey() : offset, true, offset + byteSize, false);
  }

  /// Notes that a range was written.
  void written(long offset, long byteSize) {
    long start = offset;
    long end = offset + byteSize;
    Map.Entry<Long, Long> touching = written.floorEntry(end);
    while (touching != null && touching.getValue() >= start) {
      start = Math.min(start, touching.getKey());
      end = Math.max(end, touching.getValue());
      written.remove(touching.getKey());
      touching = written.floorEntry(end);
    }
    written.put(start, end);
  }

  /// Written pieces that are not yet in the region, by offset and without overlaps.
  NavigableMap<Long, MemorySegment> pieces() {
    NavigableMap<Long, MemorySegment> pieces = new TreeMap<>();
    written.forEach(
        (start, end) ->
            overlapping(start, end - start)
                .forEach(
                    (offset, copy) -> {
                      long from = Math.max(start, offset);
                      long to = Math.min(end, offset + copy.byteSize());
                      pieces.put(from, copy.bytes.asSlice(from - offset, to - from));
                    }));
    return pieces;
  }

  /// Notes that everything is in the region except some pieces.
  void brought(NavigableMap<Long, MemorySegment> rest) {
    written.clear();
    rest.forEach((offset, bytes) -> written(offset, bytes.byteSize()));
    if (rest.isEmpty()) {
      copies.replaceAll((offset, copy) -> new Copy(copy.bytes, false));
    }
  }
}
