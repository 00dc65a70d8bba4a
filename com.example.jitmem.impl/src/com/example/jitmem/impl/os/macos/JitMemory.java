// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/// `MAP_JIT` memory on AArch64.
///
/// `MAP_JIT` cannot be combined with `MAP_FIXED`, so that nothing can be mapped over a reservation:
/// the reservation itself is such memory without access, and is committed by `mprotect`. Once its
/// pages are readable, writable and executable, the kernel refuses every other protection (EACCES,
/// since macOS 11.2; xnu osfmk/vm/vm_map.c, vm_map_protect), so pages are given back by `madvise`
/// and their addresses stay accessible. A process may have many such regions on macOS.
///
/// Thread-safe as the port says.
final class JitMemory implements ThreadToggledMemory {
  private final PosixMemory memory;
  private final NativeCalls calls;
  private final MacReservations reservations;
  private final long pageSize;
  private final CopyCall copyCall;
  private @Nullable Routine routine;

  /// Where the routine is and what it calls.
  private record Routine(long address, long protect, long flush) {}

  JitMemory(
      PosixMemory memory,
      NativeCalls calls,
      MacReservations reservations,
      long pageSize,
      CopyCall copyCall) {
    this.memory = memory;
    this.calls = calls;
    this.reservations = reservations;
    this.pageSize = pageSize;
    this.copyCall = copyCall;
  }

  @Override
  public long reserve(long byteSize, long alignment) {
    if (calls.call(MacFunctions.WRITE_PROTECT_SUPPORTED).value() == 0) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "This processor does not let threads toggle between writing and executing"
              + " (pthread_jit_write_protect_supported_np)");
    }
    return reservations.reserve(byteSize, alignment, MacConstants.MAP_JIT, AddressWindow.ANYWHERE);
  }

  @Override
  public void commit(long address, long byteSize) {
    memory.mprotect(address, byteSize, PosixMemory.protection(MemoryAccess.RWX));
  }

  @Override
  public void discard(long address, long byteSize) {
    memory.madvise(address, byteSize, MacConstants.MADV_FREE_REUSABLE);
  }

  @Override
  public void reuse(long address, long byteSize) {
    memory.tryAdvise(address, byteSize, MacConstants.MADV_FREE_REUSE);
  }

  @Override
  public void write(long address, long source, long byteSize) {
    Routine known = routine();
    copyCall.call(known.address, address, source, byteSize, known.protect, known.flush);
  }

  private synchronized Routine routine() {
    Routine known = routine;
    if (known == null) {
      long protect = symbol("pthread_jit_write_protect_np");
      long flush = symbol(MacFunctions.ICACHE_INVALIDATE.name());
      known = new Routine(mapRoutine(), protect, flush);
      routine = known;
    }
    return known;
  }

  private long symbol(String name) {
    try (Arena arena = Arena.ofConfined()) {
      long address =
          calls
              .call(
                  MacFunctions.DLSYM, MacConstants.RTLD_DEFAULT, arena.allocateFrom(name).address())
              .value();
      if (address == 0) {
        throw new VirtMemException(
            VirtMemException.Reason.NOT_SUPPORTED,
            "This version of macOS has no function " + name + ": macOS 11 does");
      }
      return address;
    }
  }

  /// Maps the routine for as long as the process runs. It is written before it can be executed, and
  /// is no `MAP_JIT` memory.
  private long mapRoutine() {
    int protection = PosixMemory.protection(MemoryAccess.RW);
    int flags = MAP_PRIVATE | MacConstants.MAP_ANON;
    long address = memory.mmap(0, pageSize, protection, flags, NO_FILE, 0);
    try {
      CopyRoutine.writeTo(NativeMemory.at(address, CopyRoutine.byteSize()));
      memory.mprotect(address, pageSize, PosixMemory.protection(MemoryAccess.RX));
    } catch (VirtMemException e) {
      try {
        memory.munmap(address, pageSize);
      } catch (VirtMemException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    calls.call(MacFunctions.ICACHE_INVALIDATE, address, CopyRoutine.byteSize());
    return address;
  }
}
