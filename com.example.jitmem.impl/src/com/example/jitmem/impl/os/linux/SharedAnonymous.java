// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.Set;

/// Shared memory without a file: a first view of all of it is mapped executable, and `mremap` with
/// an old size of 0 duplicates parts of that view. Duplicates keep the access, so that the writable
/// ones only lose execute access and no page ever gains it; that is allowed under `PR_SET_MDWE`
/// too.
///
/// The handle is the address of the first view.
final class SharedAnonymous implements SharedKind {
  private final PosixMemory memory;
  private final MappingLog log;

  SharedAnonymous(PosixMemory memory, MappingLog log) {
    this.memory = memory;
    this.log = log;
  }

  @Override
  public SharedMemory create(long byteSize, int largePageFlags) {
    if (largePageFlags != 0) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "mremap cannot duplicate mappings of hugetlb pages: use a memfd");
    }
    int flags = MAP_SHARED | LinuxConstants.MAP_ANONYMOUS | LinuxConstants.MAP_NORESERVE;
    int protection = PosixMemory.protection(MemoryAccess.RX);
    long address = memory.mmap(0, byteSize, protection, flags, NO_FILE, 0);
    try {
      // Duplicates inherit it.
      memory.madvise(address, byteSize, LinuxConstants.MADV_DONTFORK);
    } catch (RuntimeException | Error e) {
      memory.giveBack(address, byteSize);
      throw e;
    }
    log.mapped(address, byteSize, "object");
    return new SharedMemory(Backing.SHARED_ANONYMOUS, address, byteSize);
  }

  @Override
  public void mapView(
      SharedMemory shared, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    memory.call(
        LinuxFunctions.MREMAP,
        shared.handle() + offset,
        0,
        byteSize,
        LinuxConstants.MREMAP_MAYMOVE | LinuxConstants.MREMAP_FIXED,
        address);
    if (!access.equals(MemoryAccess.RX)) {
      memory.mprotect(address, byteSize, PosixMemory.protection(access));
    }
  }

  @Override
  public void close(SharedMemory shared) {
    memory.giveBack(shared.handle(), shared.byteSize());
    log.unmapped(shared.handle(), shared.byteSize());
  }
}
