// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_FIXED;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_NONE;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.CType;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;

/// Memory of the Linux system that tests run on, for models of other systems: what a model says is
/// mapped really is, with the access it says, so that wrong calls of the code under test end in
/// wrong memory and not only in wrong books.
public final class HostMemory {
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MADV_DONTNEED = 4;

  private static final int MAY_MOVE_FIXED = 3;

  private static final CFunction MREMAP =
      CFunction.of(
              "mremap",
              CType.INT64,
              CType.INT64,
              CType.INT64,
              CType.INT64,
              CType.INT32,
              CType.INT64)
          .variadicFrom(4);

  private static final CFunction MEMFD_CREATE =
      CFunction.of("memfd_create", CType.INT32, CType.INT64, CType.INT32);

  private static final int NO_REPLACE = 0x100000;
  private static final int MOST_TRIES = 10_000;

  private final NativeCalls calls = new Downcalls(Downcalls.ERRNO);
  private final PosixMemory memory =
      new PosixMemory(
          calls,
          (function, errno, arguments) -> {
            throw new AssertionError(function.name() + " failed with errno " + errno);
          });

  /// The size of a page.
  public long pageSize() {
    return memory.pageSize();
  }

  /// Reserves addresses.
  public long reserve(long byteSize, long alignment) {
    long slack = alignment - pageSize();
    long start = memory.mmap(0, byteSize + slack, PROT_NONE, reserving(), NO_FILE, 0);
    long address = (start + slack) & -alignment;
    unmap(start, address - start);
    unmap(address + byteSize, start + slack - address);
    return address;
  }

  /// Reserves addresses between two, the first that are free.
  ///
  /// @return the address; 0 if there are none
  public long reserveBetween(long lowest, long last, long byteSize, long alignment) {
    long step = Math.max(alignment, pageSize());
    long first = (lowest + step - 1) & -step;
    for (long at = first; at + byteSize - 1 <= last && at < first + MOST_TRIES * step; at += step) {
      long found =
          calls
              .call(PosixMemory.MMAP, at, byteSize, PROT_NONE, reserving() | NO_REPLACE, NO_FILE, 0)
              .value();
      if (found == at) {
        return at;
      }
    }
    return 0;
  }

  /// Makes a range reserved and empty again.
  public void vacate(long address, long byteSize) {
    memory.mmap(address, byteSize, PROT_NONE, reserving() | MAP_FIXED, NO_FILE, 0);
  }

  private static int reserving() {
    return MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  }

  /// Unmaps a range, which may be empty.
  public void unmap(long address, long byteSize) {
    if (byteSize > 0) {
      memory.munmap(address, byteSize);
    }
  }

  /// Maps memory over a range that reads as zero and can be duplicated.
  public void mapAnonymous(long address, long byteSize, int protection) {
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    memory.mmap(address, byteSize, protection, flags, NO_FILE, 0);
  }

  /// Maps what [#mapAnonymous] mapped once more over another range.
  public void duplicate(long source, long address, long byteSize) {
    memory.call(MREMAP, source, 0, byteSize, MAY_MOVE_FIXED, address);
  }

  /// Changes the access.
  public void protect(long address, long byteSize, int protection) {
    memory.mprotect(address, byteSize, protection);
  }

  /// Gives private pages back.
  public void discard(long address, long byteSize) {
    memory.madvise(address, byteSize, MADV_DONTNEED);
  }

  /// Makes memory of which several views can be mapped.
  ///
  /// @return its descriptor
  public long createShared(long byteSize) {
    try (Arena arena = Arena.ofConfined()) {
      long descriptor = memory.call(MEMFD_CREATE, arena.allocateFrom("model").address(), 0);
      memory.call(PosixMemory.FTRUNCATE, descriptor, byteSize);
      return descriptor;
    }
  }

  /// Maps a view over a range.
  public void mapShared(long descriptor, long offset, long address, long byteSize, int protection) {
    memory.mmap(address, byteSize, protection, MAP_SHARED | MAP_FIXED, descriptor, offset);
  }

  /// Closes what [#createShared] made.
  public void closeShared(long descriptor) {
    memory.close(descriptor);
  }
}
