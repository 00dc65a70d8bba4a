// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_NONE;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// Reserves ranges of addresses, each with a guard page before and after it, and places mappings
/// within a window of addresses.
///
/// Thread-safe.
final class Reservations {
  private static final int RESERVED =
      MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS | LinuxConstants.MAP_NORESERVE;

  /// How often the list of mappings is read again because another thread was faster.
  private static final int ROUNDS = 8;

  /// Held from reading the list of mappings to mapping, by all that place memory in this process:
  /// they would choose the same gap for the same anchor, and only one of them would get it.
  private static final ReentrantLock PLACING = new ReentrantLock();

  private final PosixMemory memory;
  private final MappingLog log;
  private final long guardSize;

  /// Makes no call.
  ///
  /// @param guardSize the size of a guard: one page
  Reservations(PosixMemory memory, MappingLog log, long guardSize) {
    this.memory = memory;
    this.log = log;
    this.guardSize = guardSize;
  }

  /// Reserves a range with its guards.
  ///
  /// @param alignment what the address is a multiple of
  long reserve(long byteSize, long alignment, AddressWindow window) {
    long outerSize = byteSize + 2 * guardSize;
    long address =
        window.isAnywhere()
            ? trimmed(byteSize, alignment)
            : place(
                new Place(byteSize, alignment, guardSize, window),
                at ->
                    memory.mmap(at - guardSize, outerSize, PROT_NONE, fixed(RESERVED), NO_FILE, 0));
    log.mapped(address - guardSize, outerSize, "reserved");
    return address;
  }

  /// Maps so much that an aligned range is in it, and unmaps the rest.
  private long trimmed(long byteSize, long alignment) {
    long slack = alignment - guardSize;
    long outerSize = byteSize + 2 * guardSize;
    long start = memory.mmap(0, outerSize + slack, PROT_NONE, RESERVED, NO_FILE, 0);
    long end = start + outerSize + slack;
    long address = (start + guardSize + slack) & -alignment;
    long outer = address - guardSize;
    if (outer > start) {
      memory.giveBack(start, outer - start);
    }
    if (end > outer + outerSize) {
      memory.giveBack(outer + outerSize, end - outer - outerSize);
    }
    return address;
  }

  /// Unmaps a range with its guards.
  void unreserve(long address, long byteSize) {
    long outerSize = byteSize + 2 * guardSize;
    memory.giveBack(address - guardSize, outerSize);
    log.unmapped(address - guardSize, outerSize);
  }

  /// Maps memory without a file.
  ///
  /// @param alignment what the address is a multiple of within a window
  /// @param flags `MAP_` bits
  long map(long byteSize, long alignment, int protection, int flags, AddressWindow window) {
    if (window.isAnywhere()) {
      return memory.mmap(0, byteSize, protection, flags, NO_FILE, 0);
    }
    return place(
        new Place(byteSize, alignment, 0, window),
        at -> memory.mmap(at, byteSize, protection, fixed(flags), NO_FILE, 0));
  }

  private static int fixed(int flags) {
    return flags | LinuxConstants.MAP_FIXED_NOREPLACE;
  }

  /// What is looked for, see [AddressGaps#places].
  private record Place(long byteSize, long alignment, long margin, AddressWindow window) {
    List<Long> all(PosixMemory memory) {
      return AddressGaps.ofProcess(memory).places(window, byteSize, alignment, margin);
    }

    VirtMemException none(boolean raced) {
      return new VirtMemException(
          VirtMemException.Reason.OUT_OF_MEMORY,
          "No gap between the mappings of this process from "
              + window
              + " has room for "
              + byteSize
              + " bytes"
              + (raced ? ", or others took it at the same time" : "")
              + ": request less memory, or a greater reach");
    }
  }

  /// A call of mmap for memory at an address.
  @FunctionalInterface
  private interface Mapper {
    /// Maps the memory together with its margin.
    ///
    /// @param address where the memory is to begin
    /// @return where the mapping begins
    long map(long address);
  }

  private long place(Place place, Mapper mapper) {
    PLACING.lock();
    try {
      return placeAlone(place, mapper);
    } finally {
      PLACING.unlock();
    }
  }

  /// Others that may be faster are those that map memory by other means.
  private long placeAlone(Place place, Mapper mapper) {
    boolean raced = false;
    for (int round = 0; round < ROUNDS && (round == 0 || raced); round++) {
      raced = false;
      for (long address : place.all(memory)) {
        if (mapped(place, address, mapper)) {
          return address;
        }
        raced = true;
      }
    }
    throw place.none(raced);
  }

  /// Tries one place.
  ///
  /// @return whether memory is mapped there; false if another thread was faster
  private boolean mapped(Place place, long address, Mapper mapper) {
    long expected = address - place.margin;
    long found;
    try {
      found = mapper.map(address);
    } catch (VirtMemException e) {
      if (e.osError().orElse(0) == LinuxErrno.EEXIST.code()) {
        return false;
      }
      throw e;
    }
    if (found == expected) {
      return true;
    }
    // Kernels before 4.17 take the address for a hint only.
    memory.giveBack(found, place.byteSize + 2 * place.margin);
    return false;
  }
}
