// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import org.jspecify.annotations.Nullable;

/// Committing blocks, in two steps, so that the call to the system is made between them without a
/// lock. One growth per region at a time.
///
/* plan() allocates everything the new span will have and marks the blocks as committed, with no
 * granule free: nothing can be allocated in them, and the block before cannot be decommitted, as
 * its successor begins with a granule that is in use. complete(), reserve() or cancel() follows. */
final class BlockGrowth {
  private final GranuleAllocator granules;
  private final Blocks blocks;

  BlockGrowth(GranuleAllocator granules, Blocks blocks) {
    this.granules = granules;
    this.blocks = blocks;
  }

  /// Begins a growth that makes room for a span.
  ///
  /// @param step how many blocks to commit if the span needs fewer
  /// @return null if there is no room
  @Nullable Growth plan(int count, int alignment, int step) {
    Growth planned = place(count, alignment, step);
    if (planned == null) {
      return null;
    }
    int first = blocks.firstGranule(planned.firstBlock());
    int end = blocks.firstGranule(planned.endBlock());
    granules.tags().ensureChunks(Math.min(planned.start(), first), Math.max(planned.end(), end));
    IntRange front = front(planned);
    if (!front.isEmpty()) {
      granules.reserveFree(front.start(), front.end());
      blocks.occupancy().add(front.start(), front.end());
    }
    if (planned.blockCount() > 0) {
      blocks.uncommitted().remove(planned.firstBlock(), planned.endBlock());
      blocks.committed().add(planned.firstBlock(), planned.endBlock());
    }
    blocks.setGrowth(planned);
    return planned;
  }

  private @Nullable Growth place(int count, int alignment, int step) {
    int padding = blocks.padding();
    UncommittedBlocks uncommitted = blocks.uncommitted();
    int wanted = blocks.ceil((long) count + Math.max(padding, alignment > 1 ? alignment : 0));
    int block = uncommitted.find(wanted);
    if (block == BoundaryTags.NONE) {
      return null;
    }
    int start = alignUp(usableFrom(block), alignment);
    int first = Math.max(block, blocks.at(start - padding));
    int needed = Math.max(0, blocks.ceil(start + count) - first);
    int blockCount =
        needed == 0 ? 0 : Math.max(needed, Math.min(step, uncommitted.endOfRun(first) - first));
    return new Growth(first, blockCount, start, count);
  }

  private static int alignUp(int number, int alignment) {
    return (number + alignment - 1) & -alignment;
  }

  /// The first granule a span could have if a block were committed: the start of the free run that
  /// ends before it, else in the block itself.
  private int usableFrom(int block) {
    int edge = blocks.firstGranule(block);
    if (!blocks.committed().contains(block - 1)) {
      return edge + blocks.padding();
    }
    IntRange before = granules.free().runAt(edge - 1);
    return before.isEmpty() ? edge : before.start();
  }

  /// The part of a planned span in memory that was committed before.
  private IntRange front(Growth planned) {
    int edge = blocks.firstGranule(planned.firstBlock());
    return new IntRange(planned.start(), Math.min(edge, planned.end()));
  }

  /// Ends a growth whose blocks are committed: the span is live, the rest is free.
  void complete(Growth done) {
    IntRange fresh = enterBlocks(done);
    if (done.start() < fresh.start() && !fresh.isEmpty()) {
      granules.tags().clearRun(fresh.start());
    }
    granules.allocateReserved(done.start(), done.end());
    freeFresh(new IntRange(fresh.start(), Math.min(done.start(), fresh.end())));
    freeFresh(new IntRange(Math.max(done.end(), fresh.start()), fresh.end()));
    dropPadding(done.firstBlock());
    dropPadding(done.endBlock());
  }

  private void freeFresh(IntRange range) {
    if (!range.isEmpty()) {
      granules.freeReserved(range.start(), range.end());
      blocks.occupancy().remove(range.start(), range.end());
    }
  }

  /// Ends a growth whose blocks could not be committed.
  void cancel(Growth failed) {
    blocks.setGrowth(null);
    if (failed.blockCount() > 0) {
      blocks.removeCommitted(failed.blocks());
      blocks.uncommitted().add(failed.firstBlock(), failed.endBlock());
    }
    freeFresh(front(failed));
  }

  /// Ends a growth whose blocks are committed but must not be used yet.
  ///
  /// @return the granules that are to become free once they can be used
  IntRange reserve(Growth failed) {
    freeFresh(front(failed));
    if (blocks.committed().contains(failed.firstBlock() - 1)) {
      // It may have come back since the growth began
      blocks.committed().setPadded(failed.firstBlock(), false);
    }
    IntRange usable = enterBlocks(failed);
    dropPadding(failed.endBlock());
    return usable;
  }

  private IntRange enterBlocks(Growth committed) {
    blocks.setGrowth(null);
    blocks.addCommittedCount(committed.blockCount());
    return addReserved(committed.blocks());
  }

  /// Enters blocks that stayed committed, as reserved granules.
  ///
  /// @return their granules without padding
  IntRange enter(IntRange stayed) {
    blocks.committed().add(stayed.start(), stayed.end());
    if (blocks.padding() > 0 && blocks.isGrowing(stayed.start() - 1)) {
      // The blocks before may yet be cancelled
      blocks.committed().setPadded(stayed.start(), true);
    }
    blocks.addCommittedCount(stayed.count());
    return addReserved(stayed);
  }

  private IntRange addReserved(IntRange added) {
    IntRange fresh = blocks.usable(added);
    if (!added.isEmpty()) {
      FreeRuns free = granules.free();
      free.moveEnd(Math.max(free.topEnd(), blocks.firstGranule(added.end())));
      addPadding(added.start());
      granules.addReserved(fresh.start(), fresh.end());
      blocks.occupancy().add(fresh.start(), fresh.end());
    }
    return fresh;
  }

  /// Enters a committed run into cleared tables, as free granules.
  void addFree(IntRange run) {
    granules.free().moveEnd(blocks.firstGranule(run.end()));
    addPadding(run.start());
    IntRange usable = blocks.usable(run);
    granules.freeReserved(usable.start(), usable.end());
  }

  private void addPadding(int block) {
    if (blocks.committed().isPadded(block)) {
      int granule = blocks.firstGranule(block);
      granules.addReserved(granule, granule + 1);
    }
  }

  /// Frees the padding of a block that does not begin a committed run any more.
  void dropPadding(int block) {
    if (blocks.committed().isPadded(block)
        && blocks.committed().contains(block - 1)
        && !blocks.isGrowing(block)
        && !blocks.isGrowing(block - 1)) {
      blocks.committed().setPadded(block, false);
      int granule = blocks.firstGranule(block);
      granules.freeReserved(granule, granule + 1);
    }
  }
}
