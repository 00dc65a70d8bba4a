// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeRegion;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/// Memory that became free: what the system has to do for it, collected under the lock of the core
/// and done by [#run()] without it. A system that refuses makes nothing fail: memory it does not
/// take back stays free, memory it does not fill is set aside.
///
/// An object serves one operation of one thread.
final class Reclaimer {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  private static final IntRange NOTHING = new IntRange(0, 0);

  private final SpanCore core;
  private final List<Piece> fills = new ArrayList<>();
  private final List<Piece> withdrawals = new ArrayList<>();
  private final List<CodeRegion> releases = new ArrayList<>();

  /// Granules or blocks of a region.
  private record Piece(Region region, IntRange range) {}

  Reclaimer(SpanCore core) {
    this.core = core;
  }

  /// Takes granules that nobody uses any more, under the lock of the core.
  void reclaim(Region region, IntRange granules) {
    if (region.gone || granules.isEmpty()) {
      return;
    }
    if (!region.pool.fills()) {
      region.pool.free(region, granules, this);
    } else {
      region.busy++;
      fills.add(new Piece(region, granules));
    }
  }

  /// Takes empty blocks that are not to stay committed, under the lock of the core.
  void withdraw(Region region, IntRange blocks) {
    region.busy++;
    region.heap.beginDecommit(blocks);
    core.counters.addReserved(-blocks.count() * region.pool.blockBytes());
    withdrawals.add(new Piece(region, blocks));
  }

  /// Takes a region out of use, under the lock of the core.
  void release(CodeRegion region) {
    releases.add(region);
  }

  /// Does what was collected, unless all memory is unmapped: its addresses may belong to others
  /// then. Must be called without the lock of the core.
  void run() {
    if (fills.isEmpty() && withdrawals.isEmpty() && releases.isEmpty()) {
      return;
    }
    // Who calls may keep no arena alive, as the purger, or only one that others close
    Mappings.Share share = core.mappings.tryShare();
    if (share == null) {
      return;
    }
    try {
      reclaimAll();
    } finally {
      share.leave();
    }
  }

  private void reclaimAll() {
    while (!fills.isEmpty() || !withdrawals.isEmpty()) {
      while (!fills.isEmpty()) {
        fill(fills.removeLast());
      }
      while (!withdrawals.isEmpty()) {
        decommit(withdrawals.removeLast());
      }
    }
    while (!releases.isEmpty()) {
      core.mappings.release(releases.removeLast());
    }
  }

  private void fill(Piece piece) {
    Region region = piece.region();
    boolean filled = tryFill(region, piece.range());
    core.lock();
    try {
      region.busy--;
      if (filled) {
        region.pool.free(region, piece.range(), this);
      } else {
        region.unfilled.add(piece.range());
        region.pool.policy.settle(region, NOTHING, this);
      }
    } finally {
      core.unlock();
    }
  }

  private void decommit(Piece piece) {
    Region region = piece.region();
    IntRange blocks = piece.range();
    boolean returned = tryDecommit(region, blocks);
    IntRange granules =
        new IntRange(
            blocks.start() * region.heap.blockGranules(),
            blocks.end() * region.heap.blockGranules());
    boolean usable = returned || tryFill(region, granules);
    core.lock();
    try {
      region.busy--;
      if (returned) {
        region.heap.completeDecommit(blocks);
      } else {
        restore(region, blocks, usable);
      }
      region.pool.policy.settle(region, NOTHING, this);
    } finally {
      core.unlock();
    }
  }

  private void restore(Region region, IntRange blocks, boolean usable) {
    if (region.gone) {
      return;
    }
    region.decommitRefused = true;
    region.pool.policy.restored(region, blocks);
    core.counters.addReserved(blocks.count() * region.pool.blockBytes());
    IntRange granules = region.heap.cancelDecommit(blocks);
    if (usable) {
      region.heap.freeReserved(granules);
    } else {
      region.unfilled.add(granules);
    }
  }

  private static boolean tryDecommit(Region region, IntRange blocks) {
    long blockBytes = region.pool.blockBytes();
    try {
      region.code.decommit(blocks.start() * blockBytes, blocks.count() * blockBytes);
      return true;
    } catch (RuntimeException | Error e) {
      Level level = region.decommitRefused ? Level.DEBUG : Level.WARNING;
      LOG.log(level, "The system does not take code memory back; it stays committed", e);
      return false;
    }
  }

  private static boolean tryFill(Region region, IntRange granules) {
    try {
      region.fill(granules);
      return true;
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "Free code memory cannot be filled; it is set aside", e);
      return false;
    }
  }
}
