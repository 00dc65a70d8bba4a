// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.NONE;

import java.util.Arrays;

/// Quick reuse: the pending spans released last, by exact size. Taking one again costs a bit, while
/// coalescing it and cutting it out of a free run anew costs two searches.
///
/* A bin is a ring whose newest entry leaves first; the oldest gives way when it is full. Entries
 * are hints: a run may have been coalesced meanwhile, so whoever takes one looks whether it is
 * still a pending run of that size. */
final class QuickBins {
  /// Spans of up to this many granules have a bin.
  static final int LARGEST = 64;

  private static final int DEPTH_LOG = 2;
  private static final int DEPTH = 1 << DEPTH_LOG;

  private final int[] entries = new int[(LARGEST + 1) << DEPTH_LOG];

  /// How many entries each bin was ever given less those taken, and how many it holds.
  private final byte[] tops = new byte[LARGEST + 1];

  private final byte[] counts = new byte[LARGEST + 1];

  /// Puts a run into its bin.
  ///
  /// @return the entry that had to leave, [WordTable#NONE] if there was room
  int push(int start, int size) {
    int top = tops[size];
    int slot = size << DEPTH_LOG | top;
    tops[size] = (byte) ((top + 1) & (DEPTH - 1));
    if (counts[size] < DEPTH) {
      counts[size]++;
      entries[slot] = start;
      return NONE;
    }
    int evicted = entries[slot];
    entries[slot] = start;
    return evicted;
  }

  /// Takes the newest entry out of a bin.
  ///
  /// @return the first granule of what was a pending run of that size, [WordTable#NONE] if the bin
  ///     is empty
  int pop(int size) {
    if (counts[size] == 0) {
      return NONE;
    }
    counts[size]--;
    int top = (tops[size] - 1) & (DEPTH - 1);
    tops[size] = (byte) top;
    return entries[size << DEPTH_LOG | top];
  }

  /// Forgets all entries.
  void clear() {
    Arrays.fill(counts, (byte) 0);
  }

  long metadataBytes() {
    return (long) entries.length * Integer.BYTES + tops.length + counts.length;
  }
}
