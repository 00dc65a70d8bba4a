// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_FIXED;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Shared memory that is a file without a name.
final class Memfd {
  /// How the file is made executable, in the order in which it is tried: with `vm.memfd_noexec=2`
  /// the first is refused with EACCES; kernels before 6.3 refuse the first two with EINVAL.
  private static final int[] EXECUTABILITY = {
    LinuxConstants.MFD_EXEC, LinuxConstants.MFD_NOEXEC_SEAL, 0
  };

  /// Shown as `/memfd:jitmem` in `/proc/self/maps`.
  private static final String NAME = "jitmem";

  private final PosixMemory memory;

  Memfd(PosixMemory memory) {
    this.memory = memory;
  }

  /// Makes a file.
  ///
  /// @param largePageFlags the size of its large pages as for `MFD_HUGETLB`; 0 for normal pages
  SharedMemory create(long byteSize, int largePageFlags) {
    long descriptor = open(largePageFlags == 0 ? 0 : LinuxConstants.MFD_HUGETLB | largePageFlags);
    SharedMemory created = new SharedMemory(Backing.MEMFD, descriptor, byteSize);
    try {
      memory.call(PosixMemory.FTRUNCATE, descriptor, byteSize);
    } catch (VirtMemException e) {
      close(created);
      throw e;
    }
    return created;
  }

  private long open(int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(NAME);
      VirtMemException refusal = null;
      for (int executability : EXECUTABILITY) {
        try {
          int all = LinuxConstants.MFD_CLOEXEC | flags | executability;
          return memory.call(LinuxMemory.MEMFD_CREATE, name.address(), all);
        } catch (VirtMemException e) {
          if (!isAboutFlags(e)) {
            throw e;
          }
          refusal = refusal == null ? e : refusal;
        }
      }
      throw refusal;
    }
  }

  private static boolean isAboutFlags(VirtMemException refusal) {
    int errno = refusal.osError().orElse(0);
    return errno == LinuxErrno.EACCES.code() || errno == LinuxErrno.EINVAL.code();
  }

  void mapView(
      SharedMemory file, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    int protection = PosixMemory.protection(access);
    memory.mmap(address, byteSize, protection, MAP_SHARED | MAP_FIXED, file.handle(), offset);
    memory.madvise(address, byteSize, LinuxConstants.MADV_DONTFORK);
  }

  void close(SharedMemory file) {
    memory.close(file.handle());
  }
}
