// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_FIXED;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
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
  /// @param largePages whether it consists of large pages
  final SharedMemory sized(Backing backing, long descriptor, long byteSize, boolean largePages) {
    SharedMemory created = new SharedMemory(backing, descriptor, byteSize, largePages);
    try {
      limits.requireFileSize(byteSize);
      memory.call(PosixMemory.FTRUNCATE, descriptor, byteSize);
    } catch (RuntimeException | Error e) {
      close(created);
      throw e;
    }
    return created;
  }

  @Override
  public final void mapView(
      SharedMemory file, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    int protection = PosixMemory.protection(access);
    // The file decides on the size of its pages; the flag makes refusals speak of large pages.
    int flags = MAP_SHARED | MAP_FIXED | (file.largePages() ? LinuxConstants.MAP_HUGETLB : 0);
    memory.mmap(address, byteSize, protection, flags, file.handle(), offset);
    memory.madvise(address, byteSize, LinuxConstants.MADV_DONTFORK);
  }

  @Override
  public final void close(SharedMemory file) {
    memory.close(file.handle());
  }
}
