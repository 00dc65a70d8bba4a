// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// A run of granules or of blocks of one region.
///
/// @param start the first one
/// @param end the one after the last; an end before the start makes an empty range too
record UnitRange(int start, int end) {
  boolean isEmpty() {
    return start >= end;
  }

  int count() {
    return end - start;
  }
}
