// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Shared memory that is a file in a folder, unlinked as soon as it is made.
///
/// Space in the file system is set aside before a part of the file is mapped: a store to a page for
/// which a full file system has no room is SIGBUS, which would end the JVM.
///
/// If the system refuses to unlink the file, which it has just let this process make there, it is
/// asked once more. If it refuses again, a file of size 0 stays in the folder, whose name begins
/// with `jitmem.`: nothing could remove it later that cannot now. The memory is refused then.
final class UnlinkedFile extends FileMemory {
  /// Where shm_open(3) of the C library keeps its files.
  static final String SHM_FOLDER = "/dev/shm";

  /// The letters are replaced, mkostemp(3).
  private static final String NAME = "/jitmem.XXXXXX";

  /// How often a call that a signal interrupted is made again: signals come one by one.
  private static final int MOST_INTERRUPTIONS = 100;

  private final ResourceLimits limits;
  private final Backing backing;
  private final String folder;

  /// @param folder the folder; empty for none, so that no file can be made
  UnlinkedFile(PosixMemory memory, ResourceLimits limits, Backing backing, String folder) {
    super(memory, limits);
    this.limits = limits;
    this.backing = backing;
    this.folder = folder;
  }

  @Override
  public SharedMemory create(long byteSize, int largePageFlags) {
    if (largePageFlags != 0) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "Files in " + folder + " do not consist of hugetlb pages: use a memfd");
    }
    if (folder.isEmpty()) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "There is no folder for temporary files: set java.io.tmpdir to one");
    }
    return inFolder(() -> sized(backing, open(), byteSize, false));
  }

  private long open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(folder + NAME);
      long descriptor =
          memory.call(LinuxFunctions.MKOSTEMP, name.address(), LinuxConstants.O_CLOEXEC);
      try {
        memory.call(LinuxFunctions.UNLINK, name.address());
      } catch (RuntimeException | Error e) {
        // Once more, so that a passing refusal leaves no file
        memory.attempt(LinuxFunctions.UNLINK, name.address());
        memory.close(descriptor);
        throw e;
      }
      return descriptor;
    }
  }

  @Override
  public void allocate(SharedMemory file, long offset, long byteSize) {
    limits.requireFileSize(offset + byteSize);
    inFolder(
        () -> {
          fallocate(file, offset, byteSize);
          return file;
        });
  }

  private void fallocate(SharedMemory file, long offset, long byteSize) {
    CFunction function = LinuxFunctions.POSIX_FALLOCATE;
    for (int attempt = 1; ; attempt++) {
      int error = (int) memory.attempt(function, file.handle(), offset, byteSize).value();
      if (error == 0) {
        return;
      }
      if (error != LinuxErrno.EINTR.code() || attempt == MOST_INTERRUPTIONS) {
        throw memory.refusal(function, error, file.handle(), offset, byteSize);
      }
    }
  }

  /// Where the file system cannot do that, space is given back with the file.
  @Override
  public void free(SharedMemory file, long offset, long byteSize) {
    int mode = LinuxConstants.FALLOC_FL_KEEP_SIZE | LinuxConstants.FALLOC_FL_PUNCH_HOLE;
    memory.attempt(LinuxFunctions.FALLOCATE, file.handle(), mode, offset, byteSize);
  }

  /// Names the folder in a refusal.
  private SharedMemory inFolder(Operation operation) {
    try {
      return operation.run();
    } catch (VirtMemException e) {
      if (e.osError().isEmpty()) {
        throw e;
      }
      VirtMemException named =
          new VirtMemException(
              e.reason(), e.call(), e.osError().getAsInt(), "In " + folder + ", " + e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  private interface Operation {
    SharedMemory run();
  }
}
