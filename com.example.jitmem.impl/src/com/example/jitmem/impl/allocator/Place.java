// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Where a span lies, as one number: the ordinal of its region in the upper half, its first granule
/// in the lower. So a place passes through hot paths and arrays without an object.
final class Place {
  /// No place.
  static final long NONE = -1;

  private Place() {}

  static long of(int ordinal, int start) {
    return (long) ordinal << 32 | start;
  }

  static int ordinal(long place) {
    return (int) (place >>> 32);
  }

  static int start(long place) {
    return (int) place;
  }
}
