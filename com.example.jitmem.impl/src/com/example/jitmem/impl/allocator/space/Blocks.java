// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The blocks of one region: which are committed, which of those begin with padding, how many
/// granules of each are in use, and which are being committed now.
///
/* A committed run is a maximal run of committed blocks. Unless padding is disabled its first
 * granule is padding: reserved, and in use by no span, so that the bytes before any span can be
 * read. A block is empty when all its granules are free, pending or padding. */
final class Blocks {
  private static final int NONE = BoundaryTags.NONE;

  private final int count;
  private final int blockLog;
  private final int padding;
  private final UncommittedBlocks uncommitted;
  private final CommittedBlocks committed;
  private final BlockOccupancy occupancy;
  private int committedCount;
  private @Nullable Growth growth;

  Blocks(int count, int blockGranules, boolean padding) {
    this.count = count;
    this.blockLog = Integer.numberOfTrailingZeros(blockGranules);
    this.padding = padding ? 1 : 0;
    uncommitted = new UncommittedBlocks(count);
    committed = new CommittedBlocks(count, padding);
    occupancy = new BlockOccupancy(count, blockLog);
  }

  int count() {
    return count;
  }

  /// The granules of padding at the start of a committed run: 1 or 0.
  int padding() {
    return padding;
  }

  int granulesOfOne() {
    return 1 << blockLog;
  }

  int firstGranule(int block) {
    return block << blockLog;
  }

  /// The block of a granule.
  int at(int granule) {
    return granule >>> blockLog;
  }

  /// The blocks that some granules take.
  int ceil(long granules) {
    return (int) ((granules + granulesOfOne() - 1) >>> blockLog);
  }

  /// Tells whether a granule is the first of its block.
  boolean isEdge(int granule) {
    return (granule & (granulesOfOne() - 1)) == 0;
  }

  IntRange granulesOf(int firstBlock, int endBlock) {
    return new IntRange(firstGranule(firstBlock), firstGranule(endBlock));
  }

  /// The granules of committed blocks without the padding at their start.
  IntRange usable(IntRange blocks) {
    int skipped = !blocks.isEmpty() && committed.isPadded(blocks.start()) ? 1 : 0;
    return new IntRange(firstGranule(blocks.start()) + skipped, firstGranule(blocks.end()));
  }

  UncommittedBlocks uncommitted() {
    return uncommitted;
  }

  CommittedBlocks committed() {
    return committed;
  }

  BlockOccupancy occupancy() {
    return occupancy;
  }

  /// Takes blocks out of the committed ones. Their granules are counted out.
  void removeCommitted(IntRange blocks) {
    committed.remove(blocks.start(), blocks.end());
    for (int block = blocks.start(); block < blocks.end(); block++) {
      occupancy.clear(block);
    }
  }

  /// All committed runs, in the order of their addresses.
  List<IntRange> committedRuns() {
    List<IntRange> runs = new ArrayList<>();
    int block = committed.next(0);
    while (block != NONE) {
      int end = committed.endOfRun(block);
      runs.add(new IntRange(block, end));
      block = committed.next(end);
    }
    return runs;
  }

  int committedCount() {
    return committedCount;
  }

  void addCommittedCount(int change) {
    committedCount += change;
  }

  @Nullable Growth growth() {
    return growth;
  }

  void setGrowth(@Nullable Growth growth) {
    this.growth = growth;
  }

  /// Tells whether a block is being committed.
  boolean isGrowing(int block) {
    return growth != null && block >= growth.firstBlock() && block < growth.endBlock();
  }

  /// The last committed block before one, those that are being committed left out.
  int lastCompleteBefore(int block) {
    int last = committed.previous(block - 1);
    return growth != null && isGrowing(last) ? committed.previous(growth.firstBlock() - 1) : last;
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

  long metadataBytes() {
    return uncommitted.metadataBytes() + committed.metadataBytes() + occupancy.metadataBytes();
  }
}
