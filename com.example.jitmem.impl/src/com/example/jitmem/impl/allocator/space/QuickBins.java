// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;

import java.util.Arrays;

/// Quick reuse: pending spans released lately, by exact size. Taking one again costs a bit, while
/// coalescing it and cutting it out of a free run anew costs two searches.
///
/* A bin is a stack, which grows with what is put into it. Entries are hints: a run may have been
 * coalesced meanwhile, so taking one verifies that it is still a pending run of that size. */
final class QuickBins {
  /// Spans of up to this many granules have a bin.
  static final int LARGEST = 64;

  /// With more entries, churn among a million spans gets no faster.
  private static final int MOST_ENTRIES = 32;

  private static final int FIRST_CAPACITY = 2;
  private static final int[] NO_ENTRIES = {};

  private final int[][] entries = new int[LARGEST + 1][];
  private final byte[] counts = new byte[LARGEST + 1];

  QuickBins() {
    Arrays.fill(entries, NO_ENTRIES);
  }

  /// Puts a run into its bin.
  ///
  /// @return false if the bin is full
  boolean push(int start, int size) {
    int[] bin = entries[size];
    int count = counts[size];
    if (count == bin.length) {
      if (count == MOST_ENTRIES) {
        return false;
      }
      bin = Arrays.copyOf(bin, Math.max(FIRST_CAPACITY, 2 * count));
      entries[size] = bin;
    }
    bin[count] = start;
    counts[size] = (byte) (count + 1);
    return true;
  }

  /// Takes the newest entry out of a bin.
  ///
  /// @return the first granule of what was a pending run of that size, [BoundaryTags#NONE] if the
  ///     bin is empty
  int pop(int size) {
    int count = counts[size] - 1;
    if (count < 0) {
      return NONE;
    }
    counts[size] = (byte) count;
    return entries[size][count];
  }

  boolean contains(int start, int size) {
    return size <= LARGEST
        && Arrays.stream(entries[size], 0, counts[size]).anyMatch(entry -> entry == start);
  }

  /// Forgets all entries.
  void clear() {
    Arrays.fill(counts, (byte) 0);
  }

  long metadataBytes() {
    long capacity = 0;
    for (int[] bin : entries) {
      capacity += bin.length;
    }
    return capacity * Integer.BYTES + counts.length;
  }
}
