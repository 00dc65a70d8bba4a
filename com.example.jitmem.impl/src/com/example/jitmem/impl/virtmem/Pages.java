// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

/// Arithmetic of sizes that are powers of two.
final class Pages {
  private Pages() {}

  /// Checks a size as far as this is possible without knowing the system.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  static void requirePositive(long byteSize) {
    if (byteSize < 1) {
      throw new IllegalArgumentException("Size is not at least 1 byte: " + byteSize);
    }
  }

  /// The next multiple of a page size.
  ///
  /// @throws IllegalArgumentException if the size is below 1 or the result no address can hold
  static long roundUp(long byteSize, long pageSize) {
    requirePositive(byteSize);
    if (byteSize > Long.MAX_VALUE - pageSize + 1) {
      throw new IllegalArgumentException("Size exceeds the address range: " + byteSize);
    }
    return (byteSize + pageSize - 1) & -pageSize;
  }
}
