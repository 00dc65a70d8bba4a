// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.SharedMemory;
import java.util.List;
import java.util.Set;

/// One kind of shared memory. The methods are those of [com.example.jitmem.impl.os.Os] for it.
interface SharedKind {
  /// Makes memory.
  ///
  /// @param largePageFlags the size of its large pages as for `MAP_HUGETLB`; 0 for normal pages
  SharedMemory create(long byteSize, int largePageFlags);

  /// Maps a view. If that fails, what is mapped at the address is undefined.
  ///
  /// @param access [MemoryAccess#RX] or [MemoryAccess#RW]
  void mapView(
      SharedMemory memory, long offset, long address, long byteSize, Set<MemoryAccess> access);

  void close(SharedMemory memory);

  default List<VirtMemException> refusedForms() {
    return List.of();
  }

  default void allocate(SharedMemory memory, long offset, long byteSize) {}

  default void free(SharedMemory memory, long offset, long byteSize) {}
}
