// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Decommits empty memory a little later than it became empty, so that memory which is reused at
/// once costs no system call. It ticks only as long as there is something to wait for.
final class Purger {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  private final SpanCore core;

  /// Held while memory is decommitted, so that a caller that wants all of it back waits for what is
  /// on its way. Taken before the lock of the core.
  private final ReentrantLock running = new ReentrantLock();

  Purger(SpanCore core) {
    this.core = core;
    core.timer.setAction(this::tick);
  }

  private void tick() {
    // An operation can run a tick in the thread that purges
    if (running.isHeldByCurrentThread()) {
      return;
    }
    running.lock();
    try {
      // Not if it has waited for the lock while the allocator ended
      if (!core.timer.isStopped() && new Purge(core, beginTick()).run()) {
        requestNext();
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "Empty code memory could not be decommitted", e);
    } finally {
      running.unlock();
    }
  }

  /// Ends the ticks. When this method returns, none runs and none will.
  void stop() {
    // A tick holds the lock while it runs
    running.lock();
    try {
      core.timer.stop();
    } finally {
      running.unlock();
    }
  }

  private void requestNext() {
    core.lock();
    boolean requested = core.timer.request();
    core.unlock();
    if (requested) {
      core.timer.schedule();
    }
  }

  private int beginTick() {
    core.lock();
    try {
      return core.timer.beginTick();
    } finally {
      core.unlock();
    }
  }

  /// Decommits everything that is empty now except what is kept.
  void purgeNow() {
    running.lock();
    try {
      new Purge(core, Integer.MAX_VALUE).run();
    } finally {
      running.unlock();
    }
  }

  /// Decommits memory while no purge runs.
  ///
  /// @param choice chooses the memory, under the lock of the core
  void giveBack(Consumer<DeferredWork> choice) {
    running.lock();
    try {
      Reclaimer.run(core, choice);
    } finally {
      running.unlock();
    }
  }
}
