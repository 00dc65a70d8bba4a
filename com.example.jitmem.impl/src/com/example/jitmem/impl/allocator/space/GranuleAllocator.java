// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;

/// The committed granules of one region: where a span goes, and what becomes of a released one.
///
/* A span is looked for in three stages: among spans of its size that were released lately
 * (QuickBins), among the free runs in the index, and in the wilderness (FreeRuns).
 *
 * A released span is joined with its neighbours at once if that makes a larger run. Otherwise it
 * becomes pending, and waits in a bin to be taken again. When many are pending, or released in a
 * row, it waits without being looked at in the queue of the Coalescer, which the next allocations
 * that find nothing in a bin work off.
 *
 * Guarded by the lock of the core. */
final class GranuleAllocator {
  /// Bins get no more while more than the fourth part of what is in use is pending.
  private static final int BIN_SHARE_LOG = 2;

  /// After more releases than this without an allocation in between, all spans are assumed to be
  /// released.
  static final int BULK_FREE = 8;

  private final BoundaryTags tags;
  private final FreeRuns free;
  private final Coalescer coalescer;
  private final QuickBins bins = new QuickBins();
  private int usedGranules;
  private int freesInARow;

  GranuleAllocator(int capacity) {
    tags = new BoundaryTags(capacity);
    free = new FreeRuns(tags);
    coalescer = new Coalescer(tags, free);
  }

  /// Takes granules for a span that a span had before.
  ///
  /// @return the first one, [BoundaryTags#NONE] if none was found
  int allocateFreed(int count) {
    freesInARow = 0;
    int start = allocateFromBin(count);
    if (start == NONE && (coalescer.hasQueued() || free.hasIndexed())) {
      start = allocateIndexed(count);
    }
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  private int allocateIndexed(int count) {
    coalescer.coalesceSome();
    int start = free.allocateIndexed(count);
    return start == NONE && coalescer.coalesceMore() ? free.allocateIndexed(count) : start;
  }

  /// Takes granules for a span from the wilderness.
  ///
  /// @return the first one, [BoundaryTags#NONE] if there are too few
  int allocateWilderness(int count) {
    int start = free.allocateWilderness(count);
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  /// Takes granules for a span whose first granule is a multiple of a power of two.
  ///
  /// @return the first one, [BoundaryTags#NONE] if none was found
  int allocate(int count, int alignment) {
    if (alignment == 1) {
      int start = allocateFreed(count);
      return start != NONE ? start : allocateWilderness(count);
    }
    coalescer.coalesceSome();
    int start = free.allocateAligned(count, alignment);
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  private int allocateFromBin(int count) {
    if (count > QuickBins.LARGEST) {
      return NONE;
    }
    for (int start = bins.pop(count); start != NONE; start = bins.pop(count)) {
      if (tags.starts(start, PENDING) && tags.endOf(start) - start == count) {
        coalescer.revive(start, start + count);
        return start;
      }
    }
    return NONE;
  }

  /// Ends a live span: its granules can be taken again.
  void free(int start, int end) {
    int count = end - start;
    usedGranules -= count;
    freesInARow++;
    if (end == free.top() && tags.mergeableBefore(start) == NONE) {
      free.add(start, end);
      return;
    }
    boolean quick =
        freesInARow <= BULK_FREE
            && count <= QuickBins.LARGEST
            && coalescer.pendingGranules() + count <= usedGranules >> BIN_SHARE_LOG;
    // The last of many in a row would be joined with all before it
    boolean joins =
        end == free.top()
            ? freesInARow <= BULK_FREE
            : quick && coalescer.hasMergeableNeighbour(start, end);
    if (joins) {
      coalescer.coalesce(start, end);
      return;
    }
    coalescer.defer(start, end);
    if (!quick || !bins.push(start, count)) {
      coalescer.enqueue(start);
    }
  }

  /// Ends a live span whose granules stay taken for now.
  void reserve(int start, int end) {
    usedGranules -= end - start;
    tags.setKind(start, RESERVED);
  }

  /// Divides a live span into two.
  void split(int start, int middle, int end) {
    tags.setEnd(start, middle);
    tags.setBounds(middle, end, true);
  }

  /// Converts a reserved run to a live span.
  void allocateReserved(int start, int end) {
    usedGranules += end - start;
    tags.setRun(start, end, LIVE);
  }

  /// Converts free granules to reserved ones.
  void reserveFree(int start, int end) {
    free.allocateRange(start, end);
    tags.setKind(start, RESERVED);
  }

  /// Enters newly committed granules as reserved.
  void addReserved(int start, int end) {
    tags.setRun(start, end, RESERVED);
  }

  /// Frees reserved granules and joins them with their neighbours.
  void freeReserved(int start, int end) {
    tags.setRun(start, end, LIVE);
    coalescer.coalesce(start, end);
  }

  /// Removes free granules from the tables, because their memory is decommitted.
  void removeFree(int start, int end) {
    free.allocateRange(start, end);
    tags.clearStart(start);
  }

  /// Coalesces a part of what is pending, after some calls all of it.
  ///
  /// @return false if nothing was pending
  boolean coalescePart() {
    int pending = coalescer.pendingGranules();
    if (pending == 0 || coalescer.coalesceMore()) {
      return pending > 0;
    }
    for (int size = 1; size <= QuickBins.LARGEST; size++) {
      for (int start = bins.pop(size); start != NONE; start = bins.pop(size)) {
        coalescer.coalescePending(start);
      }
    }
    return coalescer.pendingGranules() < pending;
  }

  /// Forgets all runs.
  void clear() {
    coalescer.clear();
    tags.clear(free.topEnd());
    free.clear();
    bins.clear();
  }

  /// Tells whether a pending run will be taken again or coalesced.
  boolean remembers(int start, int end) {
    return coalescer.queue().contains(start >>> BoundaryTags.WORD_LOG)
        || bins.contains(start, end - start);
  }

  BoundaryTags tags() {
    return tags;
  }

  FreeRuns free() {
    return free;
  }

  Coalescer coalescer() {
    return coalescer;
  }

  int usedGranules() {
    return usedGranules;
  }

  long metadataBytes() {
    return tags.metadataBytes()
        + free.metadataBytes()
        + coalescer.metadataBytes()
        + bins.metadataBytes();
  }
}
