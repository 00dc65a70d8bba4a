// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

/// Classes of run lengths: one each for 1 to 32 units, then four per doubling, so that a run is at
/// most a quarter longer than the shortest of its class.
final class SizeClasses {
  /// The number of classes: lengths up to 2^25, all granules of the largest region, and 2^25 alone.
  static final int COUNT = 32 + 4 * 20 + 1;

  /// The number of classes of short runs, which are those of less than [#SHORTEST_LARGE] units.
  static final int SMALL = 64;

  /// The binary logarithm of [#SHORTEST_LARGE].
  static final int LARGE_LOG = 13;

  /// The length of the shortest run that is not short.
  static final int SHORTEST_LARGE = 1 << LARGE_LOG;

  /// Up to this length each class has runs of one length only.
  static final int EXACT = 32;

  private static final int EXACT_LOG = 5;

  private SizeClasses() {}

  /// The class of a length.
  static int of(int length) {
    if (length <= EXACT) {
      return length - 1;
    }
    int log = 31 - Integer.numberOfLeadingZeros(length);
    return EXACT + 4 * (log - EXACT_LOG) + (length >> (log - 2) & 3);
  }

  /// The first class whose runs all have at least a length.
  static int atLeast(int length) {
    int sizeClass = of(length);
    return shortest(sizeClass) == length ? sizeClass : sizeClass + 1;
  }

  private static int shortest(int sizeClass) {
    if (sizeClass < EXACT) {
      return sizeClass + 1;
    }
    int step = sizeClass - EXACT;
    int shortest = (4 + (step & 3)) << ((step >> 2) + EXACT_LOG - 2);
    // EXACT itself has a class of its own
    return Math.max(EXACT + 1, shortest);
  }
}
