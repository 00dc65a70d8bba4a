// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_COALESCE_PLACEHOLDERS;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_PRESERVE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RELEASE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One reserved range of addresses: which parts of it are placeholders and which are views, or that
/// all of it is private memory. Not thread-safe.
final class Reservation {
  /// The first address.
  final long start;

  /// The first address after it.
  final long end;

  /// The views by their first address.
  final TreeMap<Long, View> views = new TreeMap<>();

  /// Whether all of it is reserved for private memory, and has neither placeholders nor views.
  boolean isPrivate;

  private final WindowsMemory memory;

  /// Where placeholders begin and end.
  private final TreeMap<Long, Long> placeholders = new TreeMap<>();

  /// Begins as one placeholder.
  Reservation(WindowsMemory memory, long start, long end) {
    this.memory = memory;
    this.start = start;
    this.end = end;
    placeholders.put(start, end);
  }

  /// The view at an address, or null.
  @Nullable View viewAt(long address) {
    Map.Entry<Long, View> before = views.floorEntry(address);
    return before != null && before.getValue().end > address ? before.getValue() : null;
  }

  /// The views that a range touches.
  List<View> viewsIn(long from, long to) {
    List<View> found = new ArrayList<>();
    Long first = views.floorKey(from);
    for (View view : views.subMap(first == null ? from : first, true, to, false).values()) {
      if (view.end > from) {
        found.add(view);
      }
    }
    return found;
  }

  /// Joins and cuts placeholders until one of them is exactly a range.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses; the range is
  ///     of placeholders as before
  void isolate(long from, long to) {
    long first = placeholders.floorKey(from);
    long last = placeholders.floorEntry(to - 1).getValue();
    if (first < placeholders.floorKey(to - 1)) {
      memory.free(first, last - first, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS);
      placeholders.subMap(first, true, last, false).clear();
      placeholders.put(first, last);
    }
    if (first < from) {
      memory.free(first, from - first, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
      placeholders.put(first, from);
      placeholders.put(from, last);
    }
    if (to < last) {
      memory.free(from, to - from, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
      placeholders.put(from, to);
      placeholders.put(to, last);
    }
  }

  /// Notes that a placeholder was replaced by a view.
  void replaced(View view) {
    placeholders.remove(view.start);
    views.put(view.start, view);
  }

  /// Notes that a view was replaced by a placeholder.
  void restored(View view) {
    views.remove(view.start);
    placeholders.put(view.start, view.end);
  }

  /// Notes that all of it was replaced by private memory.
  void becamePrivate() {
    placeholders.clear();
    isPrivate = true;
  }

  /// The placeholders, to be given back.
  List<Long> placeholderStarts() {
    return List.copyOf(placeholders.keySet());
  }

  /// Notes that a placeholder was given back.
  void gaveBack(long placeholder) {
    placeholders.remove(placeholder);
  }

  /// Whether nothing is left of it.
  boolean isGone() {
    return !isPrivate && placeholders.isEmpty() && views.isEmpty();
  }
}
