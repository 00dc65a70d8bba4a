// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;

/// Between which addresses VirtualAlloc2 is to place memory that is to lie in a window, with guards
/// that may lie beside it. Windows chooses among them, and does not look for what is nearest.
///
/// @param lowest the lowest address, a multiple of the allocation granularity
/// @param highest the last address, one less than such a multiple
record Bounds(long lowest, long highest) {
  /// Works them out so that no address is left at which the memory would not lie in the window.
  ///
  /// @param step what the address is a multiple of, at least the allocation granularity
  /// @param before the size of the guard before it, a multiple of the step
  /// @param after the size of the guard after it
  static Bounds of(
      AddressWindow window, long byteSize, long step, long before, long after, SystemInfo info) {
    long granularity = info.allocationGranularity();
    long end = Math.min(window.end(), info.lastAddress() + 1 - granularity);
    long first = Math.max((window.start() + step - 1) & -step, before + granularity);
    long last = (end - byteSize) & -step;
    if (byteSize > end || first > last) {
      throw new VirtMemException(VirtMemException.Reason.OUT_OF_MEMORY, noRoom(window, byteSize));
    }
    long behind = (last + byteSize + after + granularity - 1) & -granularity;
    return new Bounds(first - before, behind - 1);
  }

  /// Says which window a refusal is about.
  static VirtMemException explained(VirtMemException refusal, AddressWindow window, long byteSize) {
    if (refusal.reason() != VirtMemException.Reason.OUT_OF_MEMORY) {
      return refusal;
    }
    VirtMemException explained =
        new VirtMemException(
            refusal.reason(),
            refusal.call(),
            refusal.osError().orElse(0),
            noRoom(window, byteSize) + ". " + refusal.getMessage());
    explained.initCause(refusal);
    return explained;
  }

  private static String noRoom(AddressWindow window, long byteSize) {
    return "No gap of the address space from "
        + window
        + " has room for "
        + byteSize
        + " bytes: request less memory, or a greater reach";
  }
}
