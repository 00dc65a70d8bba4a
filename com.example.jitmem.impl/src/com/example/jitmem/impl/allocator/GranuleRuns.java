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
 * (QuickBins), among free runs (FreeIndex), and at the wilderness, the free run at the end of what
 * is committed, which is in no index: taking from it and giving back to it moves its start, `top`.
 * A region without wilderness has top == topEnd.
 *
 * A released span is pending first. It stays so while it is in a bin; when there is no room for it,
 * its word is queued, and the next allocations that find nothing in a bin coalesce a few words.
 *
 * Guarded by the lock of the core. */
final class GranuleRuns {
  /// Words that an allocation coalesces before it searches.
  private static final int WORDS_PER_ALLOCATION = 4;

  /// Bins hold at most the 64th part of what is in use.
  private static final int BIN_SHARE_LOG = 6;

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
      if (start == NONE && pendingGranules >= count) {
        coalesceAll();
        start = index.find(count);
      }
      if (start == NONE) {
        return NONE;
      }
      cut(start, start, start + count, LIVE);
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
    words.enter(start, end, LIVE);
    top = end;
    if (end < topEnd) {
      words.enter(end, topEnd, NOBODY);
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
      cut(words.walkToStart(place), place, place + count, LIVE);
    } else {
      place = (top + alignment - 1) & -alignment;
      if (top == topEnd || count > topEnd - place) {
        return NONE;
      }
      takeRange(place, place + count, LIVE);
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
        words.setKind(start, LIVE);
        pendingGranules -= count;
        return start;
      }
    }
    return NONE;
  }

  /// Takes a part out of an indexed free run.
  private void cut(int runStart, int start, int end, int kind) {
    int runEnd = words.endOf(runStart);
    words.setKind(runStart, NOBODY);
    index.remove(runStart, runEnd);
    if (runStart < start) {
      words.enter(runStart, start, FREE);
      index.add(runStart, start);
    }
    words.enter(start, end, kind);
    if (end < runEnd) {
      words.enter(end, runEnd, FREE);
      index.add(end, runEnd);
    }
  }

  /// Takes given granules, all of which are free.
  private void takeRange(int start, int end, int kind) {
    if (start < top || top == topEnd) {
      cut(words.walkToStart(start), start, end, kind);
      return;
    }
    int oldTop = top;
    top = topEnd;
    words.erase(oldTop);
    if (end < topEnd) {
      enterWilderness(end);
    }
    words.enter(start, end, kind);
    if (oldTop < start) {
      words.enter(oldTop, start, FREE);
      index.add(oldTop, start);
    }
  }

  private void enterWilderness(int start) {
    words.enter(start, topEnd, NOBODY);
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
    words.setKind(start, PENDING);
    pendingGranules += count;
    if (count > QuickBins.LARGEST || pendingGranules > usedGranules >> BIN_SHARE_LOG) {
      queue.add(start >>> WORD_LOG);
      return;
    }
    int evicted = bins.push(start, count);
    if (evicted != NONE && words.starts(evicted, PENDING)) {
      queue.add(evicted >>> WORD_LOG);
    }
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
    takeRange(start, end, NOBODY);
  }

  /// Enters granules that were not committed before, for nobody.
  void enter(int start, int end) {
    words.enter(start, end, NOBODY);
  }

  /// Makes granules free that nobody could take, and joins them with their neighbours.
  void free(int start, int end) {
    words.enter(start, end, NOBODY);
    coalesce(start, end);
  }

  /// Joins a run with the free and pending ones around it.
  ///
  /// @param start its first granule; the run is in no index, not counted as pending, and not free
  private void coalesce(int start, int end) {
    int from = start;
    for (int before = words.mergeableBefore(from);
        before != NONE;
        before = words.mergeableBefore(from)) {
      takeOut(before, from);
      words.erase(from);
      from = before;
    }
    int to = end;
    while (to != top && (words.starts(to, FREE) || words.starts(to, PENDING))) {
      int next = words.endOf(to);
      takeOut(to, next);
      words.erase(to);
      to = next;
    }
    if (to != top) {
      words.enter(from, to, FREE);
      index.add(from, to);
      return;
    }
    if (to < topEnd) {
      words.erase(to);
    }
    enterWilderness(from);
  }

  /// Takes a free or pending run out of the index or out of what is pending.
  private void takeOut(int start, int end) {
    if (words.starts(start, PENDING)) {
      pendingGranules -= end - start;
    } else {
      words.setKind(start, NOBODY);
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

  private void coalesceWord(int word) {
    for (long pending = words.pendingIn(word); pending != 0; pending = words.pendingIn(word)) {
      int start = word << WORD_LOG | Long.numberOfTrailingZeros(pending);
      int end = words.endOf(start);
      pendingGranules -= end - start;
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
    for (int word = queue.poll(); word != NONE; word = queue.poll()) {
      coalesceWord(word);
    }
    for (int size = 1; size <= QuickBins.LARGEST && pendingGranules > 0; size++) {
      for (int start = bins.pop(size); start != NONE; start = bins.pop(size)) {
        if (words.starts(start, PENDING)) {
          coalesceWord(start >>> WORD_LOG);
        }
      }
    }
    return true;
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
      words.enter(top, topEnd, FREE);
      index.add(top, topEnd);
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
    takeRange(start, end, NOBODY);
    words.erase(start);
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
