// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

/// A run of granules or of blocks of one region.
///
/// @param start the first one
/// @param end the one after the last; an end before the start makes an empty range too
public record IntRange(int start, int end) {
  /// No granule and no block.
  public static final IntRange EMPTY = new IntRange(0, 0);

  /// Tells whether nothing lies in it.
  ///
  /// @return whether it is empty
  public boolean isEmpty() {
    return start >= end;
  }

  /// How many lie in it, if it is not empty.
  ///
  /// @return the number
  public int count() {
    return end - start;
  }
}
