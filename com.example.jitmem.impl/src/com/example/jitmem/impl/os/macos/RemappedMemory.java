// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.Set;

/// Shared memory on x86-64: a first mapping that is never executable, of which parts are mapped
/// again.
final class RemappedMemory {
  private final PosixMemory memory;
  private final MachMemory mach;

  RemappedMemory(PosixMemory memory, MachMemory mach) {
    this.memory = memory;
    this.mach = mach;
  }

  SharedMemory create(long byteSize) {
    int protection = PosixMemory.protection(MemoryAccess.RW);
    int flags = MAP_PRIVATE | MacConstants.MAP_ANON | MacConstants.MAP_NORESERVE;
    long address = memory.mmap(0, byteSize, protection, flags, NO_FILE, 0);
    try {
      memory.call(MacFunctions.MINHERIT, address, byteSize, MacConstants.VM_INHERIT_NONE);
    } catch (VirtMemException e) {
      try {
        memory.munmap(address, byteSize);
      } catch (VirtMemException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    return new SharedMemory(Backing.REMAPPED, address, byteSize);
  }

  /// The new mapping is writable like the first one. Its maximum comes first, which takes away what
  /// it must not have, and then its protection, so that it is never writable and executable.
  void map(
      SharedMemory shared, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    int protection = PosixMemory.protection(access);
    mach.remap(shared.handle() + offset, address, byteSize);
    mach.limit(address, byteSize, protection);
    mach.protect(address, byteSize, protection);
  }

  void close(SharedMemory shared) {
    memory.munmap(shared.handle(), shared.byteSize());
  }
}
