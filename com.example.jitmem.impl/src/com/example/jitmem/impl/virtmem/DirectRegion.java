// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;

/// A region whose memory is readable, writable and executable at once.
final class DirectRegion extends PrivateRegion {
  private DirectRegion(Os os, MemorySegment memory, LargePages.Source source) {
    super(os, memory, MemoryAccess.RWX, source);
  }

  /// Reserves a region.
  ///
  /// @param source the source of large pages
  static DirectRegion reserve(
      Os os, long byteSize, long alignment, AddressWindow window, LargePages.Source source) {
    long address = os.reserve(byteSize, alignment, window);
    return new DirectRegion(os, NativeMemory.at(address, byteSize), source);
  }
}
