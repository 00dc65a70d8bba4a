// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// Counts the threads inside a function, so that it ends only while there are none.
///
/// Entering and leaving take no lock and allocate nothing. A gate that was closed or retired never
/// opens again; one whose closing was refused has been open all the time for those who enter.
///
/* The protocol (DESIGN.md has the states): a thread counts itself in and then reads the state; who
 * ends the gate changes the state and then reads the counters. All are volatile accesses, so one of
 * the two sees the other. A thread that finds a gate CLOSING opens it again, and the close fails.
 * The state carries a version: else a thread could open the gate for one closer, a second closer
 * could begin, and the first would take the state for its own (the ABA problem).
 *
 * A counter is spread over cells as soon as two threads collide, as LongAdder does. A thread leaves
 * through the cell it entered by: the sum of the cells is meaningful only because none is ever
 * negative. */
abstract class Gate {
  /// How a close went.
  enum Close {
    /// The gate is closed now: the caller frees what it protects.
    CLOSED,
    /// It was closed before, or was retired and everyone has left.
    CLOSED_BEFORE,
    /// A thread is inside. The gate is open.
    OCCUPIED,
    /// A thread is inside, and the gate was retired: it closes behind the last one.
    RETIRED
  }

  /// What has to end before the gate closes, while everyone who enters waits.
  interface Exclusive {
    /// Tells whether there is something to end.
    boolean isNeeded();

    /// Ends it.
    ///
    /// @return false if it cannot end now
    boolean tryEnd();
  }

  /// The counter in the gate itself, used until threads collide.
  private static final int NO_CELL = -1;

  private static final int PHASES = 8;
  private static final int OPEN = 0;
  private static final int CLOSING = 1;
  private static final int EXCLUSIVE = 2;
  private static final int RETIRED = 3;
  private static final int CLOSED = 4;

  /// Cells are two cache lines apart, because processors prefetch pairs of lines.
  private static final int STRIDE_LOG = 4;

  private static final int CELL_COUNT_LOG =
      Math.min(
          6, 33 - Integer.numberOfLeadingZeros(Runtime.getRuntime().availableProcessors() - 1));
  private static final int SPINS = 100;
  private static final long PAUSE_NANOS = 1_000;

  private static final VarHandle STATE;
  private static final VarHandle COUNT;
  private static final VarHandle CELLS;
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(Gate.class, "state", long.class);
      COUNT = lookup.findVarHandle(Gate.class, "count", long.class);
      CELLS = lookup.findVarHandle(Gate.class, "cells", long[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long[] NO_CELLS = {};

  /// A phase, and above it a version that each beginning of a close raises.
  private volatile long state;

  private volatile long count;
  private volatile long[] cells = NO_CELLS;

  /// The last thread has left a retired gate. Runs on its stack: takes no lock and does not throw.
  abstract void drained();

  /// Counts the calling thread in.
  ///
  /// @return the cell to leave by
  /// @throws IllegalStateException if the gate is closed or retired
  final int enter() {
    int cell = countIn();
    return phase(state) == OPEN ? cell : enterSlowly(cell);
  }

  /// Counts the calling thread out.
  ///
  /// @param cell what [#enter] returned
  final void leave(int cell) {
    countOut(cell);
    if (phase(state) == RETIRED && tryDrain()) {
      drained();
    }
  }

  /// Tells whether threads may enter.
  final boolean isOpen() {
    return phase(state) < RETIRED;
  }

  /// Closes the gate unless a thread is inside.
  final Close close(Exclusive exclusive) {
    for (int tries = 0; ; tries++) {
      long seen = state;
      switch (phase(seen)) {
        case OPEN -> {
          long closing = seen + PHASES + CLOSING;
          if (STATE.compareAndSet(this, seen, closing)) {
            return finishClose(closing, exclusive) ? Close.CLOSED : Close.OCCUPIED;
          }
        }
        case RETIRED -> {
          return Close.RETIRED;
        }
        case CLOSED -> {
          return Close.CLOSED_BEFORE;
        }
        default -> pause(tries);
      }
    }
  }

  /// Closes the gate to those who have not entered. It closes for good when the last thread leaves.
  ///
  /// @return `CLOSED` if that is now: the caller frees what it protects; `RETIRED` if threads are
  ///     inside; `CLOSED_BEFORE` if this call has changed nothing
  final Close retire() {
    for (int tries = 0; ; tries++) {
      long seen = state;
      switch (phase(seen)) {
        case OPEN -> {
          if (STATE.compareAndSet(this, seen, seen + RETIRED)) {
            return tryDrain() ? Close.CLOSED : Close.RETIRED;
          }
        }
        case RETIRED, CLOSED -> {
          return Close.CLOSED_BEFORE;
        }
        default -> pause(tries);
      }
    }
  }

  private boolean finishClose(long closing, Exclusive exclusive) {
    if (isOccupied()) {
      reopen(closing);
      return false;
    }
    // Who makes it necessary enters first, and the exchange below fails
    if (!exclusive.isNeeded()) {
      return STATE.compareAndSet(this, closing, with(closing, CLOSED));
    }
    if (!STATE.compareAndSet(this, closing, with(closing, EXCLUSIVE))) {
      return false;
    }
    boolean ended = false;
    try {
      // Who has counted itself in by now will read the state and wait
      ended = exclusive.tryEnd();
    } finally {
      state = with(closing, ended ? CLOSED : OPEN);
    }
    return ended;
  }

  /// Opens a gate that is being closed, unless that was done or the close has succeeded.
  private boolean reopen(long closing) {
    return STATE.compareAndSet(this, closing, with(closing, OPEN));
  }

  private int enterSlowly(int counted) {
    int cell = counted;
    for (int tries = 0; ; tries++) {
      long seen = state;
      switch (phase(seen)) {
        case OPEN -> {
          return cell;
        }
        case CLOSING -> {
          if (reopen(seen)) {
            return cell;
          }
        }
        case EXCLUSIVE -> {
          // The closing thread waits until no thread is counted
          countOut(cell);
          pause(tries);
          cell = countIn();
        }
        default -> {
          leave(cell);
          throw new IllegalStateException("The function has ended");
        }
      }
    }
  }

  private boolean tryDrain() {
    long seen = state;
    return phase(seen) == RETIRED
        && !isOccupied()
        && STATE.compareAndSet(this, seen, with(seen, CLOSED));
  }

  private int countIn() {
    long[] all = cells;
    if (all.length == 0) {
      long inside = count;
      if (COUNT.compareAndSet(this, inside, inside + 1)) {
        return NO_CELL;
      }
      all = spread();
    }
    int cell = cellOf(Thread.currentThread());
    CELL.getAndAdd(all, cell, 1L);
    return cell;
  }

  private void countOut(int cell) {
    if (cell == NO_CELL) {
      COUNT.getAndAdd(this, -1L);
    } else {
      CELL.getAndAdd(cells, cell, -1L);
    }
  }

  private long[] spread() {
    CELLS.compareAndSet(this, NO_CELLS, new long[1 << (CELL_COUNT_LOG + STRIDE_LOG)]);
    return cells;
  }

  private static int cellOf(Thread thread) {
    long mixed = thread.threadId() * 0x9E37_79B9_7F4A_7C15L;
    return (int) (mixed >>> (Long.SIZE - CELL_COUNT_LOG)) << STRIDE_LOG;
  }

  private boolean isOccupied() {
    if (count != 0) {
      return true;
    }
    long[] all = cells;
    for (int cell = 0; cell < all.length; cell += 1 << STRIDE_LOG) {
      if ((long) CELL.getVolatile(all, cell) != 0) {
        return true;
      }
    }
    return false;
  }

  private static int phase(long state) {
    return (int) state & (PHASES - 1);
  }

  private static long with(long state, int phase) {
    return (state & -PHASES) | phase;
  }

  /* Others hold the gate for some instructions, or for the time that closing an arena takes. */
  private static void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
