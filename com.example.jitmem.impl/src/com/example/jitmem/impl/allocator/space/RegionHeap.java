// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The heap of one region: which blocks are committed, and which of their granules are free. It
/// holds integers only, takes no lock and makes no call, so its caller commits and decommits what
/// it decides, in two steps each (see [BlockGrowth] and [BlockDecommit]).
///
/// Not thread-safe. [#findLive] and [#endOf] may be called while another thread changes the heap;
/// their answers can be wrong then and have to be validated.
public final class RegionHeap {
  /// The answer when there is no such granule or block.
  public static final int NONE = BoundaryTags.NONE;

  /// The binary logarithm of the most granules a block can be counted in: tables work on whole
  /// words of this many granules.
  public static final int WORD_LOG = BoundaryTags.WORD_LOG;

  /// The number of ended spans in a row from which a caller is taken to free all it has.
  public static final int BULK_FREE = GranuleAllocator.BULK_FREE;

  /// Tables are rebuilt when more than this part of what is committed is pending.
  private static final int RESET_SHARE_LOG = 3;

  private final GranuleAllocator granules;
  private final BoundaryTags tags;
  private final FreeRuns free;
  private final Blocks blocks;
  private final BlockOccupancy occupancy;
  private final int blockMask;
  private final BlockGrowth growth;
  private final BlockDecommit decommit;

  /// Makes a heap without committed blocks.
  ///
  /// @param blockCount how many blocks the region has
  /// @param blockGranules the granules of a block, a power of two of at least 64
  /// @param padding whether the first granule of each committed run stays without a span
  public RegionHeap(int blockCount, int blockGranules, boolean padding) {
    granules = new GranuleAllocator(blockCount * blockGranules);
    tags = granules.tags();
    free = granules.free();
    blocks = new Blocks(blockCount, blockGranules, padding);
    occupancy = blocks.occupancy();
    blockMask = blockGranules - 1;
    growth = new BlockGrowth(granules, blocks);
    decommit = new BlockDecommit(granules, blocks);
  }

  /// Allocates free granules of committed memory as a live span.
  ///
  /// @param count how many granules
  /// @param alignment a power of two that divides the number of the first granule
  /// @return the first granule, [#NONE] if none was found
  public int allocate(int count, int alignment) {
    return occupy(granules.allocate(count, alignment), count);
  }

  /// Allocates granules that a span had before, not those of the wilderness.
  ///
  /// @param count how many granules
  /// @return the first granule, [#NONE] if none was found
  public int allocateFreed(int count) {
    return occupy(granules.allocateFreed(count), count);
  }

  /// Allocates granules of the wilderness, the free run at the end of what is committed.
  ///
  /// @param count how many granules
  /// @return the first granule, [#NONE] if there are too few
  public int allocateWilderness(int count) {
    return occupy(granules.allocateWilderness(count), count);
  }

  private int occupy(int start, int count) {
    if (start != NONE) {
      occupancy.add(start, start + count);
    }
    return start;
  }

  /// Frees the granules of a live span. They may stay pending until they are coalesced.
  ///
  /// @param start the first granule of the span
  /// @param end the granule after the span
  /// @return a block that holds no span any more, [#NONE] if there is none
  public int free(int start, int end) {
    granules.free(start, end);
    int emptied = occupancy.remove(start, end);
    return emptied == NONE && (start & blockMask) == 0 ? unpinned(start) : emptied;
  }

  /// The empty block before a granule that can be decommitted now that no span starts there.
  private int unpinned(int start) {
    int before = blocks.at(start) - 1;
    return blocks.isIdle(before) ? before : NONE;
  }

  /// Makes the granules of a live span reserved: they belong to no span and cannot be allocated.
  ///
  /// @param start the first granule of the span
  /// @param end the granule after the span
  public void reserve(int start, int end) {
    granules.reserve(start, end);
  }

  /// Frees reserved granules. An empty range changes nothing.
  ///
  /// @param range the granules
  public void freeReserved(IntRange range) {
    if (!range.isEmpty()) {
      granules.freeReserved(range.start(), range.end());
      occupancy.remove(range.start(), range.end());
    }
  }

  /// Divides a live span into two.
  ///
  /// @param start the first granule of the span
  /// @param middle the first granule of the second span
  /// @param end the granule after the span
  public void split(int start, int middle, int end) {
    granules.split(start, middle, end);
  }

  /// Begins to commit blocks, with a live span in them.
  ///
  /// @param count the granules of the span
  /// @param alignment a power of two that divides the number of its first granule
  /// @param step how many blocks to commit if the span needs fewer
  /// @return what to commit, null if there is no room; [#completeGrowth], [#reserveGrowth] or
  ///     [#cancelGrowth] has to follow
  public @Nullable Growth planGrowth(int count, int alignment, int step) {
    return growth.plan(count, alignment, step);
  }

  /// Ends a growth whose blocks are committed: the span is live, the other granules are free.
  ///
  /// @param done what [#planGrowth] returned
  public void completeGrowth(Growth done) {
    growth.complete(done);
  }

  /// Ends a growth whose blocks are committed but must not be used yet.
  ///
  /// @param failed what [#planGrowth] returned
  /// @return the granules that are reserved now, to be freed once they can be used
  public IntRange reserveGrowth(Growth failed) {
    return growth.reserve(failed);
  }

  /// Ends a growth whose blocks could not be committed.
  ///
  /// @param failed what [#planGrowth] returned
  public void cancelGrowth(Growth failed) {
    growth.cancel(failed);
  }

  /// Begins to decommit empty blocks of which the last is not pinned. [#completeDecommit] or
  /// [#cancelDecommit] has to follow.
  ///
  /// @param empty the blocks
  public void beginDecommit(IntRange empty) {
    decommit.begin(empty);
  }

  /// Ends the decommitting of blocks that are not committed any more.
  ///
  /// @param decommitted what [#beginDecommit] was given
  public void completeDecommit(IntRange decommitted) {
    decommit.complete(decommitted);
  }

  /// Ends the decommitting of blocks that are still committed.
  ///
  /// @param failed what [#beginDecommit] was given
  /// @return the granules that are reserved now, to be freed once they can be used
  public IntRange cancelDecommit(IntRange failed) {
    IntRange usable = growth.enter(failed);
    growth.dropPadding(failed.end());
    return usable;
  }

  /// The empty blocks of the free run that a granule lies in.
  ///
  /// @param granule a granule
  /// @return the blocks, an empty range if the granule is not free or there are none
  public IntRange emptyBlocksAround(int granule) {
    return decommit.emptyBlocksAround(granule);
  }

  /// Tells whether an empty block must stay committed because the span after it needs readable
  /// bytes before it. Coalesces what is pending at its end.
  ///
  /// @param block a block
  /// @return whether it is pinned
  public boolean coalesceAndTestPinned(int block) {
    return decommit.coalesceAndTestPinned(block);
  }

  /// Coalesces what is pending in some blocks.
  ///
  /// @param first the first block
  /// @param end the block after the last of them
  public void coalesceBlocks(int first, int end) {
    granules.coalescer().coalesce(blocks.granulesOf(first, end));
  }

  /// Coalesces a part of what is pending; after some calls all of it.
  ///
  /// @return false if nothing was pending
  public boolean coalescePart() {
    return granules.coalescePart();
  }

  /// Makes all committed memory free at once, if that is less work than coalescing what is pending.
  /// No span may be live, and no granule reserved but padding.
  public void resetIfMostlyPending() {
    if (granules.coalescer().pendingGranules() > free.topEnd() >> RESET_SHARE_LOG) {
      granules.clear();
      blocks.committedRuns().forEach(growth::addFree);
    }
  }

  /// The granule after a run.
  ///
  /// @param start the first granule of the run
  /// @return the granule
  public int endOf(int start) {
    return tags.endOf(start);
  }

  /// The live span that a granule lies in.
  ///
  /// @param granule a number that is not negative
  /// @return its first granule, [#NONE] if there is none
  public int findLive(int granule) {
    int start = granule < tags.capacity() ? tags.findLive(granule) : NONE;
    return start == free.top() ? NONE : start;
  }

  /// The first live span that starts at a granule or after it.
  ///
  /// @param granule where to begin
  /// @return its first granule, [#NONE] if there is none
  public int nextLive(int granule) {
    int start = tags.nextLive(granule);
    // The wilderness is the last of all runs, and tagged as a live one
    return start == free.top() ? NONE : start;
  }

  /// How many blocks are committed.
  ///
  /// @return the number of blocks
  public int committedBlocks() {
    return blocks.committedCount();
  }

  /// The granules of a block.
  ///
  /// @return a power of two
  public int blockGranules() {
    return blocks.granulesOfOne();
  }

  /// The first granule of a block.
  ///
  /// @param block a block
  /// @return the granule
  public int firstGranule(int block) {
    return blocks.firstGranule(block);
  }

  /// Tells whether a block is committed and holds no span.
  ///
  /// @param block any block of the region
  /// @return whether it is idle
  public boolean isIdle(int block) {
    return blocks.isIdle(block);
  }

  /// The first such block from one on, [#NONE] if there is none.
  ///
  /// @param block where to begin
  /// @return the block
  public int nextIdle(int block) {
    return blocks.nextIdle(block);
  }

  /// Notes the tick in which blocks became idle.
  ///
  /// @param first the first block
  /// @param end the block after the last of them
  /// @param tick the number of the tick
  public void noteIdle(int first, int end, int tick) {
    for (int block = first; block < end; block++) {
      occupancy.noteIdle(block, tick);
    }
  }

  /// The tick noted last for a block.
  ///
  /// @param block a block
  /// @return the number of the tick
  public int idleSince(int block) {
    return occupancy.idleSince(block);
  }

  /// Tells whether a block is committed or being committed.
  ///
  /// @param block a block
  /// @return whether it is
  public boolean isCommitted(int block) {
    return blocks.committed().contains(block);
  }

  /// How many granules the heap describes.
  ///
  /// @return the number of granules
  public int capacity() {
    return tags.capacity();
  }

  /// The heap memory that the tables take, in bytes.
  ///
  /// @return the size
  public long metadataBytes() {
    return granules.metadataBytes() + blocks.metadataBytes();
  }

  /// Verifies all invariants by a walk over all granules and blocks.
  ///
  /// @param changing whether a growth or a decommit is in progress
  /// @return the live spans in the order of their addresses
  /// @throws IllegalStateException naming the first thing that is wrong
  public List<IntRange> check(boolean changing) {
    return new HeapCheck(granules, blocks).run(changing);
  }
}
