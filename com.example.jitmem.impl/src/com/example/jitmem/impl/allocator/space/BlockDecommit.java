// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

/// Decommitting empty blocks, in two steps, so that the call to the system is made between them
/// without a lock: begin() takes the blocks out of all tables, complete() or
/// [RegionHeap#cancelDecommit] follows.
final class BlockDecommit {
  private final GranuleAllocator granules;
  private final Blocks blocks;

  BlockDecommit(GranuleAllocator granules, Blocks blocks) {
    this.granules = granules;
    this.blocks = blocks;
  }

  /// The empty blocks of the free run that a granule lies in.
  IntRange emptyBlocksAround(int granule) {
    IntRange run = granules.free().runAt(granule);
    if (run.isEmpty()) {
      return IntRange.EMPTY;
    }
    int block = blocks.at(run.start());
    boolean afterPadding =
        run.start() == blocks.firstGranule(block) + 1 && blocks.committed().isPadded(block);
    return new IntRange(afterPadding ? block : blocks.ceil(run.start()), blocks.at(run.end()));
  }

  /// Tells whether a block must stay because the span after it needs readable bytes before it.
  boolean coalesceAndTestPinned(int block) {
    int next = block + 1;
    CommittedBlocks committed = blocks.committed();
    if (blocks.padding() == 0 || !committed.contains(next) || committed.isPadded(next)) {
      return false;
    }
    int granule = blocks.firstGranule(next);
    granules.coalescer().coalesce(new IntRange(granule, granule + 1));
    return granules.free().runAt(granule).isEmpty();
  }

  /// Begins to decommit empty blocks of which the last is not pinned.
  void begin(IntRange empty) {
    IntRange usable = blocks.usable(empty);
    granules.removeFree(usable.start(), usable.end());
    if (blocks.committed().isPadded(empty.start())) {
      granules.tags().clearRun(blocks.firstGranule(empty.start()));
    }
    blocks.removeCommitted(empty);
    blocks.addCommittedCount(-empty.count());
    int next = empty.end();
    if (blocks.padding() > 0
        && blocks.committed().contains(next)
        && !blocks.committed().isPadded(next)) {
      granules.reserveFree(blocks.firstGranule(next), blocks.firstGranule(next) + 1);
      blocks.committed().setPadded(next, true);
    }
    if (blocks.firstGranule(next) == granules.free().topEnd()) {
      int last = blocks.lastCompleteBefore(empty.start());
      granules.free().moveEnd(blocks.firstGranule(last + 1));
    }
  }

  /// Ends the decommitting of blocks that are not committed any more.
  void complete(IntRange decommitted) {
    blocks.uncommitted().add(decommitted.start(), decommitted.end());
  }
}
