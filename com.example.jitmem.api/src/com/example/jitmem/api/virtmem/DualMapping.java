// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.lang.foreign.MemorySegment;

/// The same memory mapped at two addresses: code written at an offset of `rw` can be executed at
/// the same offset of `rx`, and no page is ever both writable and executable.
///
/// Both segments end with the arena they were allocated in. The record is immutable; access to the
/// memory is not synchronized.
///
/// @param rx the view that can be read and executed
/// @param rw the view that can be read and written
public record DualMapping(MemorySegment rx, MemorySegment rw) {
  /// Checks that both views have the same size.
  ///
  /// @throws IllegalArgumentException if they differ
  public DualMapping {
    if (rx.byteSize() != rw.byteSize()) {
      throw new IllegalArgumentException(
          "Views of " + rx.byteSize() + " and " + rw.byteSize() + " bytes are not of one memory");
    }
  }

  /// The size of each view.
  ///
  /// @return the size in bytes
  public long byteSize() {
    return rx.byteSize();
  }
}
