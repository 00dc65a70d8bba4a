// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

/// A range of addresses.
///
/// @param start the first address
/// @param end the first address after the range, not below `start`
public record AddressRange(long start, long end) {
  /// The size.
  ///
  /// @return the size in bytes, from 0
  public long byteSize() {
    return end - start;
  }
}
