// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.util.NavigableMap;
import java.util.Set;

/// A region that is not always writable: finished code is copied into it.
abstract class CopiedRegion extends PrivateRegion {
  CopiedRegion(Os os, MemorySegment memory, Set<MemoryAccess> access, LargePages.Source source) {
    super(os, memory, access, source);
  }

  /// Copies pieces of code to where they belong, without flushing.
  ///
  /// @param pieces the code by offset, without overlaps. Pieces that became executable are removed
  ///     from the map.
  /// @throws VirtMemException if the system refuses: the first refusal, to which others are added
  abstract void copy(NavigableMap<Long, MemorySegment> pieces);
}
