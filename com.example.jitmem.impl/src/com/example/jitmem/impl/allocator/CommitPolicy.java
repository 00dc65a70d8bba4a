// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.Invariant;

/// Decides how much memory a pool commits beyond the needs of a span, and which empty blocks stay.
/// It counts and decides; [Decommitter] and [SpanPlacer] act.
///
/* Growth: a span that fits into a block makes the pool commit an eighth of what it committed
 * for such spans before, at least one block, and below eight blocks as much again, up to 256 KiB.
 * So the number of calls to the system grows with the logarithm of the memory.
 *
 * Decommit: of the blocks without spans one is kept for each pool. The others are decommitted by a
 * purge: a tick of the Purger, or a caller that requests statistics. A tick leaves alone what
 * became empty since the tick before, so that memory that comes and goes stays committed. With
 * IMMEDIATE_RELEASE, and when the generation drains, a block is decommitted as its last span ends
 * and none is kept.
 *
 * Guarded by the lock of the core. */
final class CommitPolicy {
  private static final int GROWTH_SHARE_LOG = 3;
  private static final long MOST_DOUBLED_BYTES = 256L << 10;

  private final long blockBytes;
  private final boolean immediateRelease;
  private int committedBlocks;
  private int grownBlocks;

  CommitPolicy(long blockBytes, boolean immediateRelease) {
    this.blockBytes = blockBytes;
    this.immediateRelease = immediateRelease;
  }

  /// How many blocks a growth commits for a span.
  ///
  /// @param count the granules of the span
  /// @param blockGranules those of a block
  int step(int count, int blockGranules) {
    if (count > blockGranules) {
      return 1;
    }
    int share = grownBlocks >> GROWTH_SHARE_LOG;
    long doubling = Math.min(grownBlocks, MOST_DOUBLED_BYTES / blockBytes);
    return Math.max(1, share > 0 ? share : (int) doubling);
  }

  /// Tells whether empty blocks stay committed for a while.
  ///
  /// @param draining whether the generation drains
  boolean keepsEmptyBlocks(boolean draining) {
    return !draining && !immediateRelease;
  }

  /// Tells whether a purge may find something to decommit.
  boolean isPurgeWorthwhile() {
    return committedBlocks > 1;
  }

  /// Counts blocks that were committed.
  ///
  /// @param forSmallSpan whether the span that needed them fits into a block
  void committed(int blockCount, boolean forSmallSpan) {
    committedBlocks += blockCount;
    grownBlocks += forSmallSpan ? blockCount : 0;
  }

  /// Counts blocks that are not committed any more.
  void decommitted(int blockCount) {
    committedBlocks -= blockCount;
    grownBlocks = Math.min(grownBlocks, committedBlocks);
  }

  /// Counts blocks that could not be decommitted.
  void stayedCommitted(int blockCount) {
    committedBlocks += blockCount;
  }

  /// Verifies what is counted.
  ///
  /// @param blocks how many blocks the regions of the pool have committed
  /// @throws IllegalStateException naming what is wrong
  void check(int blocks) {
    Invariant.requireEqual("committed blocks of a pool", committedBlocks, blocks);
    Invariant.require(
        grownBlocks >= 0 && grownBlocks <= blocks, "a pool grew by " + grownBlocks + " blocks");
  }
}
