// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_NONE;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/// Reserves ranges of addresses, each with a guard page before and after it.
///
/// Thread-safe.
final class MacReservations {
  private final PosixMemory memory;
  private final long guardSize;

  /// Makes no call.
  ///
  /// @param guardSize the size of a guard: one page
  MacReservations(PosixMemory memory, long guardSize) {
    this.memory = memory;
    this.guardSize = guardSize;
  }

  /// Reserves a range, near the middle of the window if there is room above that.
  ///
  /// @param flags `MAP_` bits beside those of every reservation
  long reserve(long byteSize, long alignment, int flags, AddressWindow window) {
    if (window.isAnywhere()) {
      return trimmed(0, byteSize, alignment, flags);
    }
    long first = (window.start() + alignment - 1) & -alignment;
    return within(
        byteSize,
        window,
        hint -> trimmed(Math.max(hint, first) - guardSize, byteSize, alignment, flags),
        address -> unreserve(address, byteSize));
  }

  /// Maps memory without a file, near the middle of the window if there is room above that.
  ///
  /// @param flags `MAP_` bits
  long map(long byteSize, int protection, int flags, AddressWindow window) {
    if (window.isAnywhere()) {
      return memory.mmap(0, byteSize, protection, flags, NO_FILE, 0);
    }
    return within(
        byteSize,
        window,
        hint -> memory.mmap(hint, byteSize, protection, flags, NO_FILE, 0),
        address -> memory.munmap(address, byteSize));
  }

  /// The kernel takes an address for a hint, and the first gap from there on that is large enough
  /// (xnu osfmk/vm/vm_map.c, vm_map_locate_space): if that is not in the window, none is.
  private long within(
      long byteSize, AddressWindow window, LongUnaryOperator map, LongConsumer unmap) {
    long start = (window.start() + guardSize - 1) & -guardSize;
    long middle = Math.max(start, window.middle() & -guardSize);
    for (long hint : middle == start ? new long[] {start} : new long[] {middle, start}) {
      long address = map.applyAsLong(hint);
      if (address >= window.start() && address <= window.end() - byteSize) {
        return address;
      }
      unmap.accept(address);
    }
    throw new VirtMemException(
        VirtMemException.Reason.OUT_OF_MEMORY,
        "No gap of the address space from "
            + window
            + " has room for "
            + byteSize
            + " bytes: request less memory, or a greater reach");
  }

  /// Maps so much that an aligned range is in it, and unmaps the rest.
  private long trimmed(long hint, long byteSize, long alignment, int flags) {
    long outerSize = byteSize + 2 * guardSize;
    long mappedSize = outerSize + alignment - guardSize;
    int all = MAP_PRIVATE | MacConstants.MAP_ANON | MacConstants.MAP_NORESERVE | flags;
    long start = memory.mmap(hint, mappedSize, PROT_NONE, all, NO_FILE, 0);
    long end = start + mappedSize;
    long outer = ((start + alignment) & -alignment) - guardSize;
    long kept = start;
    try {
      if (outer > start) {
        memory.munmap(start, outer - start);
        kept = outer;
      }
      if (end > outer + outerSize) {
        memory.munmap(outer + outerSize, end - outer - outerSize);
      }
    } catch (VirtMemException e) {
      undo(e, kept, end - kept);
      throw e;
    }
    return outer + guardSize;
  }

  private void undo(VirtMemException failure, long address, long byteSize) {
    try {
      memory.munmap(address, byteSize);
    } catch (VirtMemException e) {
      failure.addSuppressed(e);
    }
  }

  /// Unmaps a range with its guards.
  void unreserve(long address, long byteSize) {
    memory.munmap(address - guardSize, byteSize + 2 * guardSize);
  }
}
