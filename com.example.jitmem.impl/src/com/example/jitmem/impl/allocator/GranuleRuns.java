// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.LIVE;
import static com.example.jitmem.impl.allocator.WordTable.NOBODY;
import static com.example.jitmem.impl.allocator.WordTable.NONE;
import static com.example.jitmem.impl.allocator.WordTable.PENDING;

/// The committed granules of one region: where a span goes, and what becomes of a released one.
///
/* A span is looked for in three places: among spans of its size that were released lately
 * (QuickBins), among the free runs in the index, and in the wilderness (FreeSpace).
 *
 * A released span is joined with its neighbours at once if that makes a larger run. Otherwise it
 * becomes pending, and waits in a bin to be taken again. When many are pending, or released in a
 * row, it waits without being looked at in the queue of the Coalescer, which the next allocations
 * that find nothing in a bin work off.
 *
 * Guarded by the lock of the core. */
final class GranuleRuns {
  /// Bins get no more while more than the fourth part of what is in use is pending.
  private static final int BIN_SHARE_LOG = 2;

  /// Whoever releases more spans than this without taking one is taken to release all of them.
  static final int MASS_RELEASE = 8;

  private final WordTable words;
  private final FreeSpace free;
  private final Coalescer coalescer;
  private final QuickBins bins = new QuickBins();
  private int usedGranules;
  private int releasesInARow;

  GranuleRuns(int capacity) {
    words = new WordTable(capacity);
    free = new FreeSpace(words);
    coalescer = new Coalescer(words, free);
  }

  /// Takes granules for a span that a span had before.
  ///
  /// @return the first one, [WordTable#NONE] if no place was found
  int takeFreed(int count) {
    releasesInARow = 0;
    int start = takeFromBin(count);
    if (start == NONE && (coalescer.hasQueued() || free.hasIndexed())) {
      start = takeIndexed(count);
    }
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  private int takeIndexed(int count) {
    coalescer.coalesceSome();
    int start = free.takeIndexed(count);
    return start == NONE && coalescer.coalesceMore() ? free.takeIndexed(count) : start;
  }

  /// Takes granules for a span from the wilderness.
  ///
  /// @return the first one, [WordTable#NONE] if there are too few
  int takeFresh(int count) {
    int start = free.takeFresh(count);
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  /// Takes granules for a span whose first granule is a multiple of a power of two.
  ///
  /// @return the first one, [WordTable#NONE] if no place was found
  int take(int count, int alignment) {
    if (alignment == 1) {
      int start = takeFreed(count);
      return start != NONE ? start : takeFresh(count);
    }
    coalescer.coalesceSome();
    int start = free.takeAligned(count, alignment);
    usedGranules += start == NONE ? 0 : count;
    return start;
  }

  private int takeFromBin(int count) {
    if (count > QuickBins.LARGEST) {
      return NONE;
    }
    for (int start = bins.pop(count); start != NONE; start = bins.pop(count)) {
      if (words.starts(start, PENDING) && words.endOf(start) - start == count) {
        coalescer.revive(start, start + count);
        return start;
      }
    }
    return NONE;
  }

  /// Ends a live span: its granules can be taken again.
  void release(int start, int end) {
    int count = end - start;
    usedGranules -= count;
    releasesInARow++;
    if (end == free.top() && words.mergeableBefore(start) == NONE) {
      free.enter(start, end);
      return;
    }
    boolean quick =
        releasesInARow <= MASS_RELEASE
            && count <= QuickBins.LARGEST
            && coalescer.pendingGranules() + count <= usedGranules >> BIN_SHARE_LOG;
    // The last of many in a row would be joined with all before it
    boolean joins =
        end == free.top()
            ? releasesInARow <= MASS_RELEASE
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
  void withhold(int start, int end) {
    usedGranules -= end - start;
    words.setKind(start, NOBODY);
  }

  /// Divides a live span into two.
  void split(int start, int middle, int end) {
    words.enterEnd(start, middle);
    words.enterBounds(middle, end, true);
  }

  /// Makes a run that nobody could take a live span.
  void revive(int start, int end) {
    usedGranules += end - start;
    words.enter(start, end, LIVE);
  }

  /// Takes free granules for nobody.
  void reserve(int start, int end) {
    free.takeRange(start, end);
    words.setKind(start, NOBODY);
  }

  /// Enters granules that were not committed before, for nobody.
  void enter(int start, int end) {
    words.enter(start, end, NOBODY);
  }

  /// Makes granules free that nobody could take, and joins them with their neighbours.
  void free(int start, int end) {
    words.enter(start, end, LIVE);
    coalescer.coalesce(start, end);
  }

  /// Takes free granules out of the tables, as their memory goes back to the system.
  void withdraw(int start, int end) {
    free.takeRange(start, end);
    words.eraseStart(start);
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
    words.clear(free.topEnd());
    free.clear();
    bins.clear();
  }

  /// Tells whether a pending run will be taken again or coalesced.
  boolean remembers(int start, int end) {
    return coalescer.queue().contains(start >>> WordTable.WORD_LOG)
        || bins.contains(start, end - start);
  }

  WordTable words() {
    return words;
  }

  FreeSpace free() {
    return free;
  }

  Coalescer coalescer() {
    return coalescer;
  }

  int usedGranules() {
    return usedGranules;
  }

  long metadataBytes() {
    return words.metadataBytes()
        + free.metadataBytes()
        + coalescer.metadataBytes()
        + bins.metadataBytes();
  }
}
