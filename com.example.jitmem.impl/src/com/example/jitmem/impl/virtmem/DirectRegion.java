// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;

/// A region whose memory is readable, writable and executable at once.
final class DirectRegion extends PrivateRegion {
  private DirectRegion(Os os, MemorySegment memory, boolean largePages) {
    super(os, memory, MemoryAccess.RWX, largePages);
  }

  /// Reserves a region.
  ///
  /// @param largePages whether committed memory should be of large pages
  static DirectRegion reserve(
      Os os, long byteSize, long alignment, Placement placement, boolean largePages) {
    long address = placement.reserve(os, byteSize, alignment);
    return new DirectRegion(os, Segments.of(address, byteSize), largePages);
  }
}
