// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.posix;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.log.LoggerNames;
import java.util.Set;

/// The memory calls of POSIX, with their refusals as exceptions.
///
/// Constants are those that all supported systems share; each is in `sys/mman.h` and in the manual
/// page mmap(2). The values of flags that differ from system to system are kept with the system.
///
/// Thread-safe.
public final class PosixMemory {
  /// Pages may not be accessed.
  public static final int PROT_NONE = 0x0;

  /// Pages may be read.
  public static final int PROT_READ = 0x1;

  /// Pages may be written.
  public static final int PROT_WRITE = 0x2;

  /// Pages may be executed.
  public static final int PROT_EXEC = 0x4;

  /// Changes are seen through other mappings of the same memory.
  public static final int MAP_SHARED = 0x01;

  /// Changes are seen through this mapping only.
  public static final int MAP_PRIVATE = 0x02;

  /// The mapping is placed exactly at the address, and replaces what is there.
  public static final int MAP_FIXED = 0x10;

  /// The descriptor of a mapping that has no file.
  public static final int NO_FILE = -1;

  /// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)`, mmap(2).
  public static final CFunction MMAP =
      CFunction.of("mmap", INT64, INT64, INT64, INT32, INT32, INT32, INT64);

  /// `int munmap(void *addr, size_t length)`, munmap(2).
  public static final CFunction MUNMAP = CFunction.of("munmap", INT32, INT64, INT64);

  /// `int mprotect(void *addr, size_t length, int prot)`, mprotect(2).
  public static final CFunction MPROTECT = CFunction.of("mprotect", INT32, INT64, INT64, INT32);

  /// `int madvise(void *addr, size_t length, int advice)`, madvise(2).
  public static final CFunction MADVISE = CFunction.of("madvise", INT32, INT64, INT64, INT32);

  /// `int ftruncate(int fd, off_t length)`, ftruncate(2).
  public static final CFunction FTRUNCATE = CFunction.of("ftruncate", INT32, INT32, INT64);

  /// `int close(int fd)`, close(2).
  public static final CFunction CLOSE = CFunction.of("close", INT32, INT32);

  /// `int getpagesize(void)`, getpagesize(2). Cannot fail.
  public static final CFunction GETPAGESIZE = CFunction.of("getpagesize", INT32);

  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private final NativeCalls calls;
  private final Refusals refusals;
  private final Leftovers leftovers = new Leftovers(this::munmap);

  /// Makes no call.
  ///
  /// @param calls the way to the C library
  /// @param refusals what makes exceptions of failed calls
  public PosixMemory(NativeCalls calls, Refusals refusals) {
    this.calls = calls;
    this.refusals = refusals;
  }

  /// The access as bits for mmap and mprotect. Writable and executable pages can be read too.
  ///
  /// @param access the access
  /// @return `PROT_` bits
  public static int protection(Set<MemoryAccess> access) {
    int protection = access.isEmpty() ? PROT_NONE : PROT_READ;
    if (access.contains(MemoryAccess.WRITE)) {
      protection |= PROT_WRITE;
    }
    if (access.contains(MemoryAccess.EXECUTE)) {
      protection |= PROT_EXEC;
    }
    return protection;
  }

  /// Calls a function that returns -1 when it fails, as all of POSIX that are used here.
  ///
  /// @param function the function
  /// @param arguments its arguments
  /// @return what it returned
  /// @throws VirtMemException if it failed
  public long call(CFunction function, long... arguments) {
    NativeCalls.Result result = calls.call(function, arguments);
    if (result.value() == -1) {
      throw refusals.of(function, result.error(), arguments);
    }
    return result.value();
  }

  /// Calls a function whose failure the caller deals with.
  ///
  /// @param function the function
  /// @param arguments its arguments
  /// @return what it returned, with the error code it left
  public NativeCalls.Result attempt(CFunction function, long... arguments) {
    return calls.call(function, arguments);
  }

  /// Explains a failure of a call made by [#attempt].
  ///
  /// @param function the function
  /// @param error the error code
  /// @param arguments the arguments
  /// @return an exception, to be thrown
  public VirtMemException refusal(CFunction function, int error, long... arguments) {
    return refusals.of(function, error, arguments);
  }

  /// The size of a page.
  ///
  /// @return the size in bytes
  public long pageSize() {
    return call(GETPAGESIZE);
  }

  /// Maps memory.
  ///
  /// @param address where; 0 to let the system choose
  /// @param byteSize the size in bytes
  /// @param protection `PROT_` bits
  /// @param flags `MAP_` bits
  /// @param descriptor the file, or [#NO_FILE]
  /// @param offset where the mapping begins in the file
  /// @return the address
  public long mmap(
      long address, long byteSize, int protection, int flags, long descriptor, long offset) {
    if (address == 0) {
      leftovers.retry();
    }
    return call(MMAP, address, byteSize, protection, flags, descriptor, offset);
  }

  /// Unmaps unused memory, and what the system has refused to unmap before.
  ///
  /// Never fails, so that no rollback can fail half-way: a refusal is logged, the memory stays
  /// mapped, and it is tried again when memory is given back or mapped anywhere next.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  public void giveBack(long address, long byteSize) {
    leftovers.retry();
    leftovers.unmap(address, byteSize);
  }

  /// Unmaps memory.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses
  public void munmap(long address, long byteSize) {
    call(MUNMAP, address, byteSize);
  }

  /// Changes the access to memory.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param protection `PROT_` bits
  public void mprotect(long address, long byteSize, int protection) {
    call(MPROTECT, address, byteSize, protection);
  }

  /// Tells the system how memory is used.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param advice an `MADV_` value
  public void madvise(long address, long byteSize, int advice) {
    call(MADVISE, address, byteSize, advice);
  }

  /// Closes a descriptor. It is free afterwards even where the system reports an error, close(2),
  /// and must not be closed again; so an error is logged and not thrown.
  ///
  /// @param descriptor the descriptor
  public void close(long descriptor) {
    NativeCalls.Result result = calls.call(CLOSE, descriptor);
    if (result.value() == -1) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "Closing a descriptor failed",
          refusals.of(CLOSE, result.error(), descriptor));
    }
  }

  /// Advises the system how memory is used; a refusal is not an error.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param advice an `MADV_` value
  /// @return whether the system took the advice
  public boolean tryAdvise(long address, long byteSize, int advice) {
    return calls.call(MADVISE, address, byteSize, advice).value() != -1;
  }
}
