// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

/// Blocks of a region that are committed to make room for a span.
///
/// @param firstBlock the first block to commit
/// @param blockCount how many; may be 0
/// @param start the first granule of the span
/// @param count its granules
public record Growth(int firstBlock, int blockCount, int start, int count) {
  /// The block after the last one to commit.
  ///
  /// @return its number
  public int endBlock() {
    return firstBlock + blockCount;
  }

  /// The granule after the span.
  ///
  /// @return its number
  public int end() {
    return start + count;
  }

  /// The blocks to commit.
  ///
  /// @return an empty range if there are none
  public IntRange blocks() {
    return new IntRange(firstBlock, endBlock());
  }
}
