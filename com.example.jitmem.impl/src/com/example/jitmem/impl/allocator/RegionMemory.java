// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.Nullable;

/// Which blocks of one region are committed and which granules of them are free.
///
/* Notation: a committed run is a maximal run of committed blocks. Unless padding is disabled its
 * first granule is padding, neither free nor part of a span, so that the bytes before any span can
 * be read. A block is empty when all its granules are free or padding.
 *
 * Growth has two steps, so that memory is committed without the lock. plan() takes everything the
 * new span will have and marks the blocks as committed, with no granule free: nobody can take from
 * them, and the block before cannot be decommitted, as its successor begins with a taken granule.
 * finish() or abandon() follows. One growth per region at a time.
 *
 * Decommitting has two steps too: withdraw() makes blocks belong to nobody; forget() or restore()
 * follows. */
final class RegionMemory {
  /// The answer when there is no such granule or block.
  static final int NONE = WordTable.NONE;

  /// Tables are cleared when more than this part of what is committed is pending.
  private static final int CLEAR_SHARE_LOG = 3;

  private final GranuleRuns granules;
  private final AbsentBlocks absent;
  private final CommittedBlocks committed;
  private final int blocks;
  private final int blockLog;
  private final int padding;

  private final Occupancy occupancy;
  private int committedBlocks;
  private @Nullable Growth growth;

  RegionMemory(int blocks, int blockGranules, boolean padding) {
    this.blocks = blocks;
    this.blockLog = Integer.numberOfTrailingZeros(blockGranules);
    this.padding = padding ? 1 : 0;
    granules = new GranuleRuns(blocks * blockGranules);
    absent = new AbsentBlocks(blocks);
    committed = new CommittedBlocks(blocks, padding);
    occupancy = new Occupancy(blocks, blockLog);
  }

  /// Takes granules that are free now.
  ///
  /// @return the first granule, [#NONE] if no place was found
  int take(int count, int alignment) {
    return occupy(granules.take(count, alignment), count);
  }

  /// Takes granules that a span had before, not those at the end of what is committed.
  ///
  /// @return the first granule, [#NONE] if no place was found
  int takeFreed(int count) {
    return occupy(granules.takeFreed(count), count);
  }

  /// Takes granules at the end of what is committed.
  ///
  /// @return the first granule, [#NONE] if there are too few
  int takeFresh(int count) {
    return occupy(granules.takeFresh(count), count);
  }

  private int occupy(int start, int count) {
    if (start != NONE) {
      occupancy.add(start, start + count);
    }
    return start;
  }

  /// Makes the granules of a live span free, sooner or later.
  ///
  /// @return a block that holds no span any more, [#NONE] if there is none
  int release(int start, int end) {
    granules.release(start, end);
    int emptied = occupancy.remove(start, end);
    return emptied == NONE && (start & (blockGranules() - 1)) == 0 ? unpinned(start) : emptied;
  }

  /// The empty block before a granule that may be given back now that no span starts there.
  private int unpinned(int start) {
    int before = (start >>> blockLog) - 1;
    return isIdle(before) ? before : NONE;
  }

  /// Makes granules free that nobody could take.
  void free(UnitRange range) {
    if (!range.isEmpty()) {
      granules.free(range.start(), range.end());
      occupancy.remove(range.start(), range.end());
    }
  }

  /// Begins a growth that makes room for a span.
  ///
  /// @param most how many blocks to commit if the span needs less
  /// @return null if there is no room
  @Nullable Growth plan(int count, int alignment, int most) {
    long needed = (long) count + Math.max(padding, alignment > 1 ? alignment : 0);
    long wanted = (needed + blockGranules() - 1) >>> blockLog;
    int block = wanted > blocks ? NONE : absent.find((int) wanted);
    if (block == NONE) {
      return null;
    }
    int start = alignUp(usableFrom(block), alignment);
    int first = Math.max(block, (start - padding) >>> blockLog);
    int end = start + count;
    int blockCount = Math.max(0, ceilBlock(end) - first);
    if (blockCount > 0) {
      blockCount = Math.max(blockCount, Math.min(most, absent.endOfRun(first) - first));
    }
    Growth planned = new Growth(first, blockCount, start, count);
    granules
        .words()
        .ensure(
            Math.min(start, firstGranule(first)), Math.max(end, firstGranule(planned.endBlock())));
    UnitRange front = front(planned);
    if (!front.isEmpty()) {
      granules.reserve(front.start(), front.end());
      occupancy.add(front.start(), front.end());
    }
    if (blockCount > 0) {
      absent.remove(first, planned.endBlock());
      committed.add(first, planned.endBlock());
    }
    growth = planned;
    return planned;
  }

  /// Ends a growth whose blocks are committed: the span is taken, the rest is free.
  void finish(Growth done) {
    UnitRange fresh = enter(done);
    int end = done.start() + done.count();
    if (done.start() < fresh.start() && !fresh.isEmpty()) {
      granules.words().erase(fresh.start());
    }
    granules.revive(done.start(), end);
    free(new UnitRange(fresh.start(), Math.min(done.start(), fresh.end())));
    free(new UnitRange(Math.max(end, fresh.start()), fresh.end()));
    dropPadding(done.firstBlock());
    dropPadding(done.endBlock());
  }

  /// Ends a growth whose blocks could not be committed.
  void abandon(Growth failed) {
    growth = null;
    if (failed.blockCount() > 0) {
      clearCommitted(failed.firstBlock(), failed.endBlock());
      absent.add(failed.firstBlock(), failed.endBlock());
    }
    free(front(failed));
  }

  /// Ends a growth whose blocks are committed but must not be used yet.
  ///
  /// @return the granules that are to become free once they can be used
  UnitRange strand(Growth failed) {
    UnitRange fresh = enter(failed);
    free(front(failed));
    granules.enter(fresh.start(), fresh.end());
    int first = failed.firstBlock();
    if (committed.contains(first - 1)) {
      committed.setPadded(first, false);
    }
    dropPadding(failed.endBlock());
    return usable(first, failed.endBlock());
  }

  /// Enters the blocks of a growth into the tables, taken by nobody.
  ///
  /// @return their granules without padding
  private UnitRange enter(Growth committedNow) {
    growth = null;
    committedBlocks += committedNow.blockCount();
    return enter(committedNow.firstBlock(), committedNow.endBlock());
  }

  private UnitRange enter(int firstBlock, int endBlock) {
    UnitRange fresh = usable(firstBlock, endBlock);
    if (firstBlock < endBlock) {
      granules.free().moveEnd(Math.max(granules.free().topEnd(), firstGranule(endBlock)));
      if (committed.isPadded(firstBlock)) {
        granules.enter(firstGranule(firstBlock), fresh.start());
      }
      granules.enter(fresh.start(), fresh.end());
      occupancy.add(fresh.start(), fresh.end());
    }
    return fresh;
  }

  /// Joins what is pending in some blocks.
  void coalesceBlocks(int first, int end) {
    granules.coalescer().coalesce(new UnitRange(firstGranule(first), firstGranule(end)));
  }

  /// Makes all committed memory free at once, if that is less work than joining what is pending.
  /// No span may be live, and no granule taken by nobody.
  void clearIfMostlyPending() {
    if (granules.coalescer().pendingGranules() <= granules.free().topEnd() >> CLEAR_SHARE_LOG) {
      return;
    }
    granules.clear();
    for (int block = committed.next(0); block != NONE; ) {
      int end = committed.endOfRun(block);
      granules.free().moveEnd(firstGranule(end));
      UnitRange usable = usable(block, end);
      if (committed.isPadded(block)) {
        granules.enter(firstGranule(block), usable.start());
      }
      granules.free(usable.start(), usable.end());
      block = committed.next(end);
    }
  }

  /// The empty blocks of the run a free granule lies in.
  UnitRange emptyBlocks(int granule) {
    UnitRange run = granules.free().runAt(granule);
    if (run.isEmpty()) {
      return new UnitRange(0, 0);
    }
    int block = run.start() >>> blockLog;
    boolean afterPadding = run.start() == firstGranule(block) + 1 && committed.isPadded(block);
    return new UnitRange(afterPadding ? block : ceilBlock(run.start()), run.end() >>> blockLog);
  }

  /// Tells whether a block must stay because the span after it needs readable bytes before it.
  boolean isPinned(int block) {
    int next = block + 1;
    if (padding == 0 || !committed.contains(next) || committed.isPadded(next)) {
      return false;
    }
    int granule = firstGranule(next);
    granules.coalescer().coalesce(new UnitRange(granule, granule + 1));
    return granules.free().runAt(granule).isEmpty();
  }

  /// Begins to decommit empty blocks of which the last is not pinned.
  void withdraw(UnitRange empty) {
    UnitRange usable = usable(empty.start(), empty.end());
    granules.withdraw(usable.start(), usable.end());
    if (committed.isPadded(empty.start())) {
      granules.words().erase(firstGranule(empty.start()));
    }
    clearCommitted(empty.start(), empty.end());
    committedBlocks -= empty.count();
    int next = empty.end();
    if (padding > 0 && committed.contains(next) && !committed.isPadded(next)) {
      granules.reserve(firstGranule(next), firstGranule(next) + 1);
      committed.setPadded(next, true);
    }
    if (firstGranule(next) == granules.free().topEnd()) {
      granules.free().moveEnd(firstGranule(lastEnteredBefore(empty.start()) + 1));
    }
  }

  private int lastEnteredBefore(int block) {
    int last = committed.previous(block - 1);
    return growth != null && last != NONE && isGrowing(last)
        ? committed.previous(growth.firstBlock() - 1)
        : last;
  }

  /// Ends the decommitting of blocks that are not committed any more.
  void forget(UnitRange withdrawn) {
    absent.add(withdrawn.start(), withdrawn.end());
  }

  /// Ends the decommitting of blocks that the system has not taken back.
  ///
  /// @return the granules that are to become free
  UnitRange restore(UnitRange withdrawn) {
    committed.add(withdrawn.start(), withdrawn.end());
    committedBlocks += withdrawn.count();
    UnitRange usable = enter(withdrawn.start(), withdrawn.end());
    dropPadding(withdrawn.end());
    return usable;
  }

  int committedBlocks() {
    return committedBlocks;
  }

  int blocks() {
    return blocks;
  }

  int blockGranules() {
    return 1 << blockLog;
  }

  int firstGranule(int block) {
    return block << blockLog;
  }

  GranuleRuns granules() {
    return granules;
  }

  AbsentBlocks absent() {
    return absent;
  }

  boolean isCommitted(int block) {
    return committed.contains(block);
  }

  boolean isPadded(int block) {
    return committed.isPadded(block);
  }

  Occupancy occupancy() {
    return occupancy;
  }

  /// Tells whether a block is committed and holds no span.
  boolean isIdle(int block) {
    return committed.contains(block) && occupancy.of(block) == 0 && !isGrowing(block);
  }

  /// The first such block from one on.
  int nextIdle(int block) {
    int idle = occupancy.nextEmptied(block);
    while (idle != NONE && !isIdle(idle)) {
      occupancy.forgetEmptied(idle);
      idle = occupancy.nextEmptied(idle + 1);
    }
    return idle;
  }

  /// The first committed block from one on.
  int nextCommitted(int block) {
    return committed.next(block);
  }

  long metadataBytes() {
    return granules.metadataBytes()
        + absent.metadataBytes()
        + committed.metadataBytes()
        + occupancy.metadataBytes();
  }

  /// The first granule a span could have if a block were committed: the start of the free run that
  /// ends before it, else in the block itself.
  private int usableFrom(int block) {
    int edge = firstGranule(block);
    if (!committed.contains(block - 1)) {
      return edge + padding;
    }
    UnitRange before = granules.free().runAt(edge - 1);
    return before.isEmpty() ? edge : before.start();
  }

  /// The part of a planned span in memory that was committed before.
  private UnitRange front(Growth planned) {
    int edge = firstGranule(planned.firstBlock());
    return new UnitRange(planned.start(), Math.min(edge, planned.start() + planned.count()));
  }

  private UnitRange usable(int firstBlock, int endBlock) {
    int skipped = firstBlock < endBlock && committed.isPadded(firstBlock) ? 1 : 0;
    return new UnitRange(firstGranule(firstBlock) + skipped, firstGranule(endBlock));
  }

  private void clearCommitted(int first, int end) {
    committed.remove(first, end);
    for (int block = first; block < end; block++) {
      occupancy.clear(block);
    }
  }

  /// Frees the padding of a block that does not begin a committed run any more.
  private void dropPadding(int block) {
    if (committed.isPadded(block)
        && committed.contains(block - 1)
        && !isGrowing(block)
        && !isGrowing(block - 1)) {
      committed.setPadded(block, false);
      granules.free(firstGranule(block), firstGranule(block) + 1);
    }
  }

  /// Tells whether a block is being committed.
  boolean isGrowing(int block) {
    return growth != null && block >= growth.firstBlock() && block < growth.endBlock();
  }

  private int ceilBlock(int granule) {
    return (granule + blockGranules() - 1) >>> blockLog;
  }

  private static int alignUp(int number, int alignment) {
    return (number + alignment - 1) & -alignment;
  }
}
