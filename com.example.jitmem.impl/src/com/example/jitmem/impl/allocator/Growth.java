// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Blocks of a region that are committed to make room for a span.
///
/// @param firstBlock the first block to commit
/// @param blockCount how many; may be 0
/// @param start the first granule of the span
/// @param count its granules
record Growth(int firstBlock, int blockCount, int start, int count) {
  int endBlock() {
    return firstBlock + blockCount;
  }
}
