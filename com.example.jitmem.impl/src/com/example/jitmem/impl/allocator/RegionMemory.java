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
  private final FreeRuns granules;
  private final FreeRuns absent;
  private final BitTree committed;
  private final BitTree padded;
  private final int blocks;
  private final int blockGranules;
  private final int padding;
  private int committedBlocks;
  private @Nullable Growth growth;

  RegionMemory(int blocks, int blockGranules, boolean padding) {
    this.blocks = blocks;
    this.blockGranules = blockGranules;
    this.padding = padding ? 1 : 0;
    granules = new SizeClassRuns(blocks * blockGranules);
    absent = new SizeClassRuns(blocks);
    committed = new BitTree(blocks);
    padded = new BitTree(blocks);
    absent.free(0, blocks);
  }

  /// Takes granules that are free now.
  ///
  /// @return the first granule, [FreeRuns#NONE] if no place was found
  int take(int count, int alignment) {
    int start = granules.find(count, alignment);
    if (start != FreeRuns.NONE) {
      granules.take(start, count);
    }
    return start;
  }

  /// Makes granules free.
  void free(UnitRange range) {
    if (!range.isEmpty()) {
      granules.free(range.start(), range.count());
    }
  }

  /// Begins a growth that makes room for a span, with as few blocks as it takes.
  ///
  /// @return null if there is no room
  @Nullable Growth plan(int count, int alignment) {
    long most = (long) count + Math.max(padding, alignment > 1 ? alignment : 0);
    long wanted = (most + blockGranules - 1) / blockGranules;
    int block = wanted > blocks ? FreeRuns.NONE : absent.find((int) wanted, 1);
    if (block == FreeRuns.NONE) {
      return null;
    }
    int start = alignUp(usableFrom(block), alignment);
    int first = Math.max(block, (start - padding) / blockGranules);
    int end = start + count;
    int blockCount = Math.max(0, ceilDiv(end, blockGranules) - first);
    Growth planned = new Growth(first, blockCount, start, count);
    UnitRange front = front(planned);
    if (!front.isEmpty()) {
      granules.take(front.start(), front.count());
    }
    if (blockCount > 0) {
      absent.take(first, blockCount);
      markCommitted(first, planned.endBlock());
    }
    growth = planned;
    return planned;
  }

  /// Ends a growth whose blocks are committed: the span is taken, the rest is free.
  void finish(Growth done) {
    growth = null;
    committedBlocks += done.blockCount();
    UnitRange fresh = usable(done.firstBlock(), done.endBlock());
    int end = done.start() + done.count();
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
      absent.free(failed.firstBlock(), failed.blockCount());
    }
    free(front(failed));
  }

  /// Ends a growth whose blocks are committed but must not be used yet.
  ///
  /// @return the granules that are to become free once they can be used
  UnitRange strand(Growth failed) {
    growth = null;
    committedBlocks += failed.blockCount();
    free(front(failed));
    int first = failed.firstBlock();
    if (first > 0 && committed.get(first - 1)) {
      padded.clear(first);
    }
    dropPadding(failed.endBlock());
    return usable(first, failed.endBlock());
  }

  /// The empty blocks of the run a free granule lies in.
  UnitRange emptyBlocks(int granule) {
    int start = granules.startOf(granule);
    if (start == FreeRuns.NONE) {
      return new UnitRange(0, 0);
    }
    int block = start / blockGranules;
    boolean afterPadding = start == block * blockGranules + 1 && padded.get(block);
    return new UnitRange(
        afterPadding ? block : ceilDiv(start, blockGranules),
        granules.endOf(granule) / blockGranules);
  }

  /// Tells whether a block must stay because the span after it needs readable bytes before it.
  boolean isPinned(int block) {
    int next = block + 1;
    return padding > 0
        && next < blocks
        && committed.get(next)
        && !padded.get(next)
        && granules.startOf(next * blockGranules) == FreeRuns.NONE;
  }

  /// Begins to decommit empty blocks of which the last is not pinned.
  void withdraw(UnitRange empty) {
    UnitRange usable = usable(empty.start(), empty.end());
    granules.take(usable.start(), usable.count());
    clearCommitted(empty.start(), empty.end());
    committedBlocks -= empty.count();
    int next = empty.end();
    if (padding > 0 && next < blocks && committed.get(next) && !padded.get(next)) {
      granules.take(next * blockGranules, 1);
      padded.set(next);
    }
  }

  /// Ends the decommitting of blocks that are not committed any more.
  void forget(UnitRange withdrawn) {
    absent.free(withdrawn.start(), withdrawn.count());
  }

  /// Ends the decommitting of blocks that the system has not taken back.
  ///
  /// @return the granules that are to become free
  UnitRange restore(UnitRange withdrawn) {
    markCommitted(withdrawn.start(), withdrawn.end());
    committedBlocks += withdrawn.count();
    UnitRange usable = usable(withdrawn.start(), withdrawn.end());
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
    return blockGranules;
  }

  FreeRuns granules() {
    return granules;
  }

  FreeRuns absent() {
    return absent;
  }

  boolean isCommitted(int block) {
    return committed.get(block);
  }

  boolean isPadded(int block) {
    return padded.get(block);
  }

  long metadataBytes() {
    return granules.metadataBytes()
        + absent.metadataBytes()
        + committed.metadataBytes()
        + padded.metadataBytes();
  }

  /// The first granule a span could have if a block were committed: the start of the free run that
  /// ends before it, else in the block itself.
  private int usableFrom(int block) {
    int edge = block * blockGranules;
    if (block == 0 || !committed.get(block - 1)) {
      return edge + padding;
    }
    int start = granules.startOf(edge - 1);
    return start == FreeRuns.NONE ? edge : start;
  }

  /// The part of a planned span in memory that was committed before.
  private UnitRange front(Growth planned) {
    int edge = planned.firstBlock() * blockGranules;
    return new UnitRange(planned.start(), Math.min(edge, planned.start() + planned.count()));
  }

  private UnitRange usable(int firstBlock, int endBlock) {
    int skipped = firstBlock < endBlock && padded.get(firstBlock) ? 1 : 0;
    return new UnitRange(firstBlock * blockGranules + skipped, endBlock * blockGranules);
  }

  private void markCommitted(int first, int end) {
    for (int block = first; block < end; block++) {
      committed.set(block);
    }
    if (padding > 0 && (first == 0 || !committed.get(first - 1))) {
      padded.set(first);
    }
  }

  private void clearCommitted(int first, int end) {
    for (int block = first; block < end; block++) {
      committed.clear(block);
    }
    padded.clear(first);
  }

  /// Frees the padding of a block that does not begin a committed run any more.
  private void dropPadding(int block) {
    if (block > 0
        && block < blocks
        && padded.get(block)
        && committed.get(block - 1)
        && !isGrowing(block)
        && !isGrowing(block - 1)) {
      padded.clear(block);
      granules.free(block * blockGranules, 1);
    }
  }

  private boolean isGrowing(int block) {
    return growth != null && block >= growth.firstBlock() && block < growth.endBlock();
  }

  private static int ceilDiv(int number, int divisor) {
    return (number + divisor - 1) / divisor;
  }

  private static int alignUp(int number, int alignment) {
    return (number + alignment - 1) & -alignment;
  }
}
