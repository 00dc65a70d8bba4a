// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// The lock of an allocator: a seqlock. Readers that only look something up can do without taking
/// it: they read the tables as they are and validate afterwards that the lock was not taken
/// meanwhile.
///
/* The version is odd while a thread holds the lock. What the lock guards takes tens of nanoseconds,
 * so a thread that finds it taken spins, and looks again after ever longer pauses if that does not
 * help, because the holder lost its processor. As no thread has to be woken, giving the lock back
 * is one store without a barrier, which is a third of what an uncontended ReentrantLock costs.
 *
 * Not reentrant and not fair. Virtual threads give up their carrier while they pause. */
final class SeqLock {
  private static final int SPINS = 200;

  /// Pauses of the processor between two looks: the holder needs the lock's cache line again soon.
  private static final int MOST_PAUSES = 16;

  private static final int YIELDS = 10;
  private static final long FIRST_PAUSE_NANOS = 1_000;
  private static final long LONGEST_PAUSE_NANOS = 1_000_000;
  private static final VarHandle VERSION;

  static {
    try {
      VERSION = MethodHandles.lookup().findVarHandle(SeqLock.class, "version", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long version;

  void lock() {
    long seen = version;
    if ((seen & 1) != 0 || !VERSION.compareAndSet(this, seen, seen + 1)) {
      lockContended();
    }
    // Readers that see a change see the version that announced it
    VarHandle.storeStoreFence();
  }

  /* Many times also after a pause: where others take turns all the time, a single look finds the
   * lock taken. */
  private boolean trySpinning() {
    int pauses = 1;
    for (int spins = 0; spins < SPINS; spins += pauses) {
      if (tryLock()) {
        return true;
      }
      for (int i = 0; i < pauses; i++) {
        Thread.onSpinWait();
      }
      pauses = Math.min(2 * pauses, MOST_PAUSES);
    }
    return false;
  }

  private boolean tryLock() {
    long seen = (long) VERSION.getOpaque(this);
    return (seen & 1) == 0 && VERSION.weakCompareAndSet(this, seen, seen + 1);
  }

  @SuppressWarnings("ThreadPriorityCheck") // not relied on: pauses follow
  private void lockContended() {
    long pause = FIRST_PAUSE_NANOS;
    boolean interrupted = false;
    for (int rounds = 0; !trySpinning(); rounds++) {
      if (rounds < YIELDS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(this, pause);
        // An interrupted thread would not pause
        interrupted |= Thread.interrupted();
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void unlock() {
    VERSION.setRelease(this, version + 1);
  }

  /// Begins to read without the lock.
  ///
  /// @return what [#isUndisturbed] is asked with; 0 if the lock is held now
  long beginRead() {
    // Volatile, so that it stays behind what the thread has announced to holders before
    long seen = (long) VERSION.getVolatile(this);
    return (seen & 1) == 0 ? seen + 2 : 0;
  }

  /// Tells whether the optimistic read saw a consistent state.
  boolean isUndisturbed(long read) {
    VarHandle.loadLoadFence();
    // Volatile, so that it stays behind what the thread has left for holders meanwhile
    return read == (long) VERSION.getVolatile(this) + 2;
  }
}
