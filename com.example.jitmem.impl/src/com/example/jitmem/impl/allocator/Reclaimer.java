// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.DeferredWork.Piece;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.log.LimitedLog;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeRegion;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Does deferred work: fills, decommits and unreserves memory without the lock of the core. A
/// refusal by the system makes nothing fail: memory that it does not decommit stays free, memory
/// that it does not fill is set aside.
final class Reclaimer {
  private static final LimitedLog LOG = new LimitedLog(System.getLogger(LoggerNames.ALLOCATOR));

  /// How often memory is looked for that short writers have left, and how long in between.
  private static final int LOOKS = 10;

  private static final long PAUSE_NANOS = 100_000;

  private final SpanCore core;
  private final DeferredWork work;

  private Reclaimer(SpanCore core, DeferredWork work) {
    this.core = core;
    this.work = work;
  }

  /// Takes the lock, chooses work, releases the lock and does the work, which is done also if the
  /// choice fails half-way.
  ///
  /// @param choice runs under the lock of the core
  /// @return what the choice returns
  static <T> T call(SpanCore core, Function<DeferredWork, T> choice) {
    DeferredWork work = new DeferredWork();
    try {
      core.lock();
      try {
        return choice.apply(work);
      } finally {
        core.unlock();
      }
    } finally {
      perform(core, work);
    }
  }

  /// As [#call], without a result.
  static void run(SpanCore core, Consumer<DeferredWork> choice) {
    DeferredWork work = new DeferredWork();
    try {
      core.lock();
      try {
        choice.accept(work);
      } finally {
        core.unlock();
      }
    } finally {
      perform(core, work);
    }
  }

  /// Frees what short writes have left behind.
  static void collectWritten(SpanCore core) {
    run(core, core::collectWritten);
  }

  /// Does work, unless all memory is unmapped: its addresses may belong to others then. Must be
  /// called without the lock of the core.
  static void perform(SpanCore core, @Nullable DeferredWork work) {
    if (work == null || work.isEmpty()) {
      return;
    }
    // The caller may keep no arena alive, as the purger, or only one that others close
    Mappings.Share share = core.mappings.tryShare();
    if (share == null) {
      return;
    }
    try {
      new Reclaimer(core, work).performAll();
    } finally {
      if (work.pollTick()) {
        core.timer.schedule();
      }
      share.leave();
    }
  }

  /* Filling can empty blocks, so both go on until nothing is left. */
  private void performAll() {
    boolean more = true;
    while (more) {
      more = performOne();
    }
    for (CodeRegion code = work.pollUnreserve(); code != null; code = work.pollUnreserve()) {
      core.mappings.unreserve(code);
    }
    if (work.awaitsWriters()) {
      awaitWriters();
    }
  }

  /* A writer leaves its slot by a store and looks then whether it has left memory behind; its
   * processor may look before others see the store. While an allocator lives, a tick makes up for
   * that. After the end there is none, so the thread that ended the span looks again. A writer that
   * is still in its slot after the last look does see what waits, because a store takes no longer
   * than microseconds to be seen. */
  private void awaitWriters() {
    collectWritten(core);
    for (int i = 1; i < LOOKS && core.writers.hasLeftBehind(); i++) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      collectWritten(core);
    }
  }

  private boolean performOne() {
    Piece fill = work.pollFill();
    if (fill != null) {
      fill(fill.region(), fill.range());
      return true;
    }
    Piece decommit = work.pollDecommit();
    if (decommit != null) {
      decommit(decommit.region(), decommit.range());
    }
    return decommit != null;
  }

  private void fill(Region region, IntRange granules) {
    boolean filled = tryFill(region, granules);
    core.lock();
    try {
      region.endChange();
      if (filled) {
        core.decommitter.freeReserved(region, granules, work);
      } else {
        region.addUnfilled(granules);
        core.decommitter.settle(region, IntRange.EMPTY, work);
      }
    } finally {
      core.unlock();
    }
  }

  private void decommit(Region region, IntRange blocks) {
    boolean returned = tryDecommit(region, blocks);
    boolean usable = returned || tryFill(region, granulesOf(region, blocks));
    core.lock();
    try {
      region.endChange();
      if (returned) {
        region.heap().completeDecommit(blocks);
      } else {
        restore(region, blocks, usable);
      }
      core.decommitter.settle(region, IntRange.EMPTY, work);
    } finally {
      core.unlock();
    }
  }

  private static IntRange granulesOf(Region region, IntRange blocks) {
    return new IntRange(
        region.heap().firstGranule(blocks.start()), region.heap().firstGranule(blocks.end()));
  }

  private void restore(Region region, IntRange blocks, boolean usable) {
    if (region.isUnlinked()) {
      return;
    }
    IntRange granules = core.decommitter.restore(region, blocks);
    if (usable) {
      region.heap().freeReserved(granules);
    } else {
      region.addUnfilled(granules);
    }
  }

  private static boolean tryDecommit(Region region, IntRange blocks) {
    long blockBytes = region.pool().blockBytes();
    try {
      region.code().decommit(blocks.start() * blockBytes, blocks.count() * blockBytes);
      return true;
    } catch (RuntimeException | Error e) {
      Level level = region.noteDecommitRefused() ? Level.WARNING : Level.DEBUG;
      LOG.log(
          level,
          "decommit",
          holder(region),
          "The system refused to decommit code memory; it stays committed",
          e);
      return false;
    }
  }

  private static boolean tryFill(Region region, IntRange granules) {
    try {
      region.fill(granules);
      return true;
    } catch (RuntimeException | Error e) {
      LOG.log(
          Level.WARNING,
          "fill",
          holder(region),
          "Free code memory could not be filled; it is set aside",
          e);
      return false;
    }
  }

  private static String holder(Region region) {
    return Long.toHexString(region.address());
  }

  /// Logs now what was held back because it repeats.
  static void logHeldBack() {
    LOG.close();
  }
}
