// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// The sizes in which the system hands out memory.
///
/// @param pageSize the size of a page in bytes, a power of two; access is changed in these steps
/// @param pageGranularity the step in bytes in which addresses are handed out, a power of two and
///     at least `pageSize`; requesting less from the system saves nothing
public record VirtMemInfo(long pageSize, long pageGranularity) {
  /// Checks that both sizes are powers of two.
  ///
  /// @throws IllegalArgumentException if one is not, or if the granularity is below the page size
  public VirtMemInfo {
    if (Long.bitCount(pageSize) != 1 || pageSize < 0) {
      throw new IllegalArgumentException("Page size is not a power of two: " + pageSize);
    }
    if (Long.bitCount(pageGranularity) != 1 || pageGranularity < pageSize) {
      throw new IllegalArgumentException(
          "Page granularity is not a power of two of at least "
              + pageSize
              + ": "
              + pageGranularity);
    }
  }
}
