// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// Bytes of an area.
///
/// @param offset where they begin in the area
/// @param byteSize how many there are
public record Range(long offset, long byteSize) {
  /// Nothing.
  static final Range NONE = new Range(0, 0);
}
