// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_COMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_DECOMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RELEASE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_REPLACE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESERVE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESERVE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_NOACCESS;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All reservations, and what is committed in them.
///
/// A reservation begins as a placeholder. The first private memory replaces it as a whole by a
/// private reservation, which is committed and decommitted page by page; views of shared memory
/// replace parts of it. A reservation is used for one of both.
///
/// Thread-safe: one lock guards the books and the calls that change what they describe.
final class ReservedMemory {
  private static final long NULL = 0;

  private final WindowsMemory memory;
  private final SectionViews views;
  private final long pageSize;
  private final TreeMap<Long, Reservation> reservations = new TreeMap<>();

  ReservedMemory(WindowsMemory memory, long pageSize) {
    this.memory = memory;
    this.views = new SectionViews(memory, pageSize);
    this.pageSize = pageSize;
  }

  /// Reserves addresses with a guard before and after them. The one before is as large as the
  /// alignment, because only where all of it begins can be aligned.
  ///
  /// @param bounds between which addresses, guards included; 0 for any
  /// @param alignment what the address is a multiple of, at least the allocation granularity
  synchronized long reserve(long byteSize, Bounds bounds, long alignment) {
    try (Arena arena = Arena.ofConfined()) {
      long outerSize = alignment + byteSize + pageSize;
      long parameter =
          AddressRequirements.parameter(arena, bounds.lowest(), bounds.highest(), alignment)
              .address();
      long start =
          memory
              .call(
                  WindowsFunctions.VIRTUAL_ALLOC2,
                  memory.process(),
                  NULL,
                  outerSize,
                  MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
                  PAGE_NOACCESS,
                  parameter,
                  1)
              .value();
      reservations.put(start, new Reservation(memory, start, start + outerSize));
      return start + alignment;
    }
  }

  /// Gives a reservation back with its guards and all that is in it. What the system refuses to
  /// take back is kept in the books, everything else is given back.
  synchronized void release(long address) {
    Reservation reservation = at(address);
    FirstFailure failure = new FirstFailure();
    for (View view : List.copyOf(reservation.views.values())) {
      failure.attempt(() -> views.release(reservation, view));
    }
    for (long placeholder : reservation.placeholderStarts()) {
      failure.attempt(
          () -> {
            memory.free(placeholder, 0, MEM_RELEASE);
            reservation.gaveBack(placeholder);
          });
    }
    if (reservation.isPrivate) {
      failure.attempt(
          () -> {
            memory.free(reservation.start, 0, MEM_RELEASE);
            reservation.isPrivate = false;
          });
    }
    if (reservation.isGone()) {
      reservations.remove(reservation.start);
    }
    failure.throwIfAny();
  }

  /// Commits private memory.
  synchronized void commit(long address, long byteSize, int protection) {
    Reservation reservation = at(address);
    if (!reservation.isPrivate) {
      reservation.isolate(reservation.start, reservation.end);
      memory.call(
          WindowsFunctions.VIRTUAL_ALLOC2,
          memory.process(),
          reservation.start,
          reservation.end - reservation.start,
          MEM_RESERVE | MEM_REPLACE_PLACEHOLDER,
          PAGE_NOACCESS,
          NULL,
          0);
      reservation.becamePrivate();
    }
    memory.call(WindowsFunctions.VIRTUAL_ALLOC, address, byteSize, MEM_COMMIT, protection);
  }

  /// Makes a part of a reservation inaccessible.
  synchronized void decommit(long address, long byteSize) {
    Reservation reservation = at(address);
    if (reservation.isPrivate) {
      memory.free(address, byteSize, MEM_DECOMMIT);
    } else {
      views.vacate(reservation, address, address + byteSize);
    }
  }

  /// Makes shared memory.
  ///
  /// @return what it is known by
  synchronized long createShared(long byteSize, boolean largePages) {
    return views.create(byteSize, largePages);
  }

  /// Ends shared memory. Views stay.
  synchronized void closeShared(long handle) {
    views.close(handle);
  }

  /// Maps a part of shared memory.
  synchronized void map(long handle, long offset, long address, long byteSize, int protection) {
    views.map(handle, offset, at(address), address, byteSize, protection);
  }

  /// Tells the system that the pages of a range are not needed as they are.
  synchronized void reset(long address, long byteSize) {
    Reservation reservation = at(address);
    if (reservation.isPrivate) {
      memory.reset(address, byteSize);
      return;
    }
    for (View view : reservation.viewsIn(address, address + byteSize)) {
      if (!view.section.largePages) {
        long from = Math.max(address, view.start);
        memory.reset(from, Math.min(address + byteSize, view.end) - from);
      }
    }
  }

  private Reservation at(long address) {
    Map.Entry<Long, Reservation> before = reservations.floorEntry(address);
    if (before == null || before.getValue().end <= address) {
      throw new IllegalArgumentException("Not reserved: " + Long.toHexString(address));
    }
    return before.getValue();
  }

  /// Keeps the first of several refusals, with the others added to it.
  private static final class FirstFailure {
    private @Nullable VirtMemException first;

    void attempt(Runnable step) {
      try {
        step.run();
      } catch (VirtMemException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }

    void throwIfAny() {
      if (first != null) {
        throw first;
      }
    }
  }
}
