// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_FIXED;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.Set;

/// Shared memory that is a file: its handle is a descriptor, and its views are mappings of it.
abstract class FileMemory implements SharedKind {
  final PosixMemory memory;
  private final ResourceLimits limits;

  FileMemory(PosixMemory memory, ResourceLimits limits) {
    this.memory = memory;
    this.limits = limits;
  }

  /// Gives an empty file its size.
  ///
  /// @param descriptor the file; closed if that fails
  final SharedMemory sized(Backing backing, long descriptor, long byteSize) {
    SharedMemory created = new SharedMemory(backing, descriptor, byteSize);
    try {
      limits.requireFileSize(byteSize);
      memory.call(PosixMemory.FTRUNCATE, descriptor, byteSize);
    } catch (VirtMemException e) {
      close(created);
      throw e;
    }
    return created;
  }

  @Override
  public final void mapView(
      SharedMemory file, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    int protection = PosixMemory.protection(access);
    memory.mmap(address, byteSize, protection, MAP_SHARED | MAP_FIXED, file.handle(), offset);
    memory.madvise(address, byteSize, LinuxConstants.MADV_DONTFORK);
  }

  @Override
  public final void close(SharedMemory file) {
    memory.close(file.handle());
  }
}
