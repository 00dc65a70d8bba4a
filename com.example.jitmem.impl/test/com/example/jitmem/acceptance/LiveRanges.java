// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/// The addresses of all live spans, kept apart from the allocator: an oracle for overlaps.
final class LiveRanges {
  private final TreeMap<Long, Long> endByStart = new TreeMap<>();
  private long byteSize;

  /// Notes a new span, which must not touch any other.
  void add(Span span) {
    add(span.rx().address(), span.byteSize());
  }

  void add(long start, long byteSizeOfSpan) {
    long end = start + byteSizeOfSpan;
    Map.Entry<Long, Long> before = endByStart.lowerEntry(end);
    if (before != null && before.getValue() > start) {
      throw new AssertionError(
          "Span %x-%x overlaps the live span %x-%x"
              .formatted(start, end, before.getKey(), before.getValue()));
    }
    endByStart.put(start, end);
    byteSize += byteSizeOfSpan;
  }

  /// Forgets a span that ends.
  void remove(MemorySegment rx) {
    Long end = endByStart.remove(rx.address());
    if (end == null) {
      throw new AssertionError("No live span starts at %x".formatted(rx.address()));
    }
    byteSize -= end - rx.address();
  }

  int count() {
    return endByStart.size();
  }

  long byteSize() {
    return byteSize;
  }

  /// Checks that the process may execute every byte of every span.
  void checkExecutable() {
    ProcessMaps maps = ProcessMaps.read();
    endByStart.forEach((start, end) -> maps.checkAccess(start, end - start, "r", "x"));
  }
}
