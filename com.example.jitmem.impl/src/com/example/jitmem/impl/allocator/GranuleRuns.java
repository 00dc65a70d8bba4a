// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.FREE;
import static com.example.jitmem.impl.allocator.WordTable.LIVE;
import static com.example.jitmem.impl.allocator.WordTable.NOBODY;
import static com.example.jitmem.impl.allocator.WordTable.NONE;
import static com.example.jitmem.impl.allocator.WordTable.PENDING;
import static com.example.jitmem.impl.allocator.WordTable.WORD_LOG;

/// The committed granules of one region: where a span goes, and what becomes of a released one.
///
/* A span is looked for in three places: among spans of its size that were released lately
 * (QuickBins), among free runs (FreeIndex), and at the wilderness, the free run at the end of
 * what is committed, which is in no index and has the bits of a live span: taking from it and
 * giving back to it moves its start, `top`. A region without wilderness has top == topEnd.
 *
 * A released span is pending first. It stays so while it is in a bin; when there is no room for
 * it, its word is queued, and the next allocations that find nothing in a bin coalesce a few
 * words.
 *
 * Guarded by the lock of the core. */
final class GranuleRuns {
  /// Words that an allocation coalesces before it searches.
  private static final int WORDS_PER_ALLOCATION = 4;

  /// Bins hold at most the 16th part of what is in use.
  private static final int BIN_SHARE_LOG = 4;

  final WordTable words;
  private final FreeIndex index;
  private final QuickBins bins = new QuickBins();
  private final PendingWords queue;
  private int top;
  private int topEnd;
  private int usedGranules;
  private int pendingGranules;

  GranuleRuns(int capacity) {
    words = new WordTable(capacity);
    index = new FreeIndex(words);
    queue = new PendingWords(words);
  }

  /// Takes granules for a span that a span had before.
  ///
  /// @return the first one, [WordTable#NONE] if no place was found
  int takeFreed(int count) {
    int start = takeFromBin(count);
    if (start == NONE) {
      coalesceSome();
      start = index.find(count);
      if (start == NONE && coalesceQueued()) {
        start = index.find(count);
      }
      if (start == NONE) {
        return NONE;
      }
      cut(start, start, start + count);
    }
    usedGranules += count;
    return start;
  }

  /// Takes granules for a span from the wilderness.
  ///
  /// @return the first one, [WordTable#NONE] if there are too few
  int takeFresh(int count) {
    int start = top;
    int end = start + count;
    if (count > topEnd - start) {
      return NONE;
    }
    // Its start has the bits of a live span already
    words.enterBounds(start, end, true);
    top = end;
    if (end < topEnd) {
      words.enterOpaque(end, topEnd);
    }
    usedGranules += count;
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
    coalesceSome();
    int place = index.find(count, alignment);
    if (place != NONE) {
      cut(words.walkToStart(place), place, place + count);
    } else {
      place = (top + alignment - 1) & -alignment;
      if (top == topEnd || count > topEnd - place) {
        return NONE;
      }
      takeRange(place, place + count);
    }
    usedGranules += count;
    return place;
  }

  private int takeFromBin(int count) {
    if (count > QuickBins.LARGEST) {
      return NONE;
    }
    for (int start = bins.pop(count); start != NONE; start = bins.pop(count)) {
      if (words.starts(start, PENDING) && words.endOf(start) - start == count) {
        words.flipPending(start);
        pendingGranules -= count;
        return start;
      }
    }
    return NONE;
  }

  /// Takes a part out of an indexed free run, as a live span.
  private void cut(int runStart, int start, int end) {
    int runEnd = words.endOf(runStart);
    words.flipFree(runStart);
    index.remove(runStart, runEnd);
    if (runStart < start) {
      enterFree(runStart, start);
    }
    words.enterBounds(start, end, true);
    if (end < runEnd) {
      enterFree(end, runEnd);
    }
  }

  /// Enters a free run whose first granule has at most the bit of a start.
  private void enterFree(int start, int end) {
    words.flipFree(start);
    words.enterBounds(start, end, false);
    index.add(start, end);
  }

  /// Takes given granules, all of which are free, as a live span.
  private void takeRange(int start, int end) {
    if (start < top || top == topEnd) {
      cut(words.walkToStart(start), start, end);
      return;
    }
    int oldTop = top;
    top = topEnd;
    words.eraseStart(oldTop);
    if (end < topEnd) {
      enterWilderness(end);
    }
    words.enterBounds(start, end, true);
    if (oldTop < start) {
      enterFree(oldTop, start);
    }
  }

  /// Makes a run without other bits the wilderness.
  private void enterWilderness(int start) {
    words.enterOpaque(start, topEnd);
    top = start;
  }

  /// Ends a live span: its granules can be taken again.
  void release(int start, int end) {
    usedGranules -= end - start;
    if (end == top) {
      coalesce(start, end);
      return;
    }
    int count = end - start;
    boolean quick =
        count <= QuickBins.LARGEST && pendingGranules + count <= usedGranules >> BIN_SHARE_LOG;
    if (quick && (isMergeable(end) || words.mergeableBefore(start) != NONE)) {
      coalesce(start, end);
      return;
    }
    words.flipPending(start);
    pendingGranules += count;
    int waiting = quick ? bins.push(start, count) : start;
    if (waiting != NONE && words.starts(waiting, PENDING)) {
      queue.add(waiting >>> WORD_LOG);
    }
  }

  private boolean isMergeable(int start) {
    return words.starts(start, FREE) || words.starts(start, PENDING);
  }

  /// Ends a live span whose granules stay taken for now.
  void withhold(int start, int end) {
    usedGranules -= end - start;
    words.setKind(start, NOBODY);
  }

  /// Cuts the end off a live span; the rest of its granules stays taken.
  void cutTail(int start, int newEnd, int end) {
    usedGranules -= end - newEnd;
    words.enter(start, newEnd, LIVE);
    words.enter(newEnd, end, NOBODY);
  }

  /// Makes a run that nobody could take a live span.
  void revive(int start, int end) {
    usedGranules += end - start;
    words.enter(start, end, LIVE);
  }

  /// Takes free granules for nobody.
  void reserve(int start, int end) {
    takeRange(start, end);
    words.setKind(start, NOBODY);
  }

  /// Enters granules that were not committed before, for nobody.
  void enter(int start, int end) {
    words.enter(start, end, NOBODY);
  }

  /// Makes granules free that nobody could take, and joins them with their neighbours.
  void free(int start, int end) {
    words.enter(start, end, LIVE);
    coalesce(start, end);
  }

  /// Joins a run with the free and pending ones around it.
  ///
  /// @param start its first granule, which has only the bit of a start; the run is in no index and
  ///     not counted as pending
  private void coalesce(int start, int end) {
    int from = start;
    for (int before = words.mergeableBefore(from);
        before != NONE;
        before = words.mergeableBefore(from)) {
      takeOut(before, from);
      words.eraseStart(from);
      from = before;
    }
    int to = end;
    while (to != top && isMergeable(to)) {
      int next = words.endOf(to);
      takeOut(to, next);
      words.eraseStart(to);
      to = next;
    }
    if (to != top) {
      enterFree(from, to);
      return;
    }
    if (to < topEnd) {
      words.eraseStart(to);
    }
    enterWilderness(from);
  }

  /// Takes a free or pending run out of the index or out of what is pending. It has only the bit of
  /// a start then.
  private void takeOut(int start, int end) {
    if (words.starts(start, PENDING)) {
      words.flipPending(start);
      pendingGranules -= end - start;
    } else {
      words.flipFree(start);
      index.remove(start, end);
    }
  }

  private void coalesceSome() {
    for (int i = 0; i < WORDS_PER_ALLOCATION; i++) {
      int word = queue.poll();
      if (word == NONE) {
        return;
      }
      coalesceWord(word);
    }
  }

  /// Coalesces all that does not wait in a bin.
  ///
  /// @return whether there was anything
  private boolean coalesceQueued() {
    int word = queue.poll();
    if (word == NONE) {
      return false;
    }
    for (; word != NONE; word = queue.poll()) {
      coalesceWord(word);
    }
    return true;
  }

  private void coalesceWord(int word) {
    for (long pending = words.pendingIn(word); pending != 0; pending = words.pendingIn(word)) {
      int start = word << WORD_LOG | Long.numberOfTrailingZeros(pending);
      int end = words.endOf(start);
      takeOut(start, end);
      coalesce(start, end);
    }
  }

  /// Coalesces everything that is pending.
  ///
  /// @return whether anything was
  boolean coalesceAll() {
    if (pendingGranules == 0) {
      return false;
    }
    coalesceQueued();
    for (int size = 1; size <= QuickBins.LARGEST && pendingGranules > 0; size++) {
      for (int start = bins.pop(size); start != NONE; start = bins.pop(size)) {
        if (words.starts(start, PENDING)) {
          coalesceWord(start >>> WORD_LOG);
        }
      }
    }
    return true;
  }

  /// Forgets all runs.
  void clear() {
    words.clear(topEnd);
    index.clear();
    bins.clear();
    queue.clear();
    pendingGranules = 0;
    top = 0;
    topEnd = 0;
  }

  /// Coalesces what is pending in some granules.
  void coalesce(UnitRange granules) {
    int first = words.startOf(granules.start());
    if (words.starts(first, PENDING)) {
      coalesceWord(first >>> WORD_LOG);
    }
    for (int word = granules.start() >>> WORD_LOG;
        word <= (granules.end() - 1) >>> WORD_LOG;
        word++) {
      coalesceWord(word);
    }
  }

  /// The free run a granule lies in; an empty range if it is not free. Pending runs are not free.
  UnitRange freeRun(int granule) {
    if (granule >= top && granule < topEnd) {
      return new UnitRange(top, topEnd);
    }
    int start = words.walkToStart(granule);
    return start != NONE && words.starts(start, FREE) && words.endOf(start) > granule
        ? new UnitRange(start, words.endOf(start))
        : new UnitRange(granule, granule);
  }

  /// Moves the end of what is committed, behind which there are no runs. The wilderness becomes an
  /// ordinary free run when memory behind it was committed; a free run before the new end becomes
  /// the wilderness.
  void moveEnd(int newEnd) {
    if (newEnd == topEnd) {
      return;
    }
    if (top < topEnd) {
      enterFree(top, topEnd);
    }
    top = newEnd;
    topEnd = newEnd;
    int before = words.mergeableBefore(newEnd);
    if (before != NONE && words.starts(before, FREE)) {
      takeOut(before, newEnd);
      enterWilderness(before);
    }
  }

  /// Takes free granules out of the tables, as their memory goes back to the system.
  void withdraw(int start, int end) {
    takeRange(start, end);
    words.eraseStart(start);
  }

  FreeIndex index() {
    return index;
  }

  int top() {
    return top;
  }

  int topEnd() {
    return topEnd;
  }

  int usedGranules() {
    return usedGranules;
  }

  int pendingGranules() {
    return pendingGranules;
  }

  long metadataBytes() {
    return words.metadataBytes()
        + index.metadataBytes()
        + bins.metadataBytes()
        + queue.metadataBytes();
  }
}
