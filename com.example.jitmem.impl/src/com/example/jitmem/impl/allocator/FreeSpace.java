// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.FREE;
import static com.example.jitmem.impl.allocator.WordTable.NONE;

/// The free runs of one region: those in the index, and the wilderness, which is the free run at
/// the end of what is committed. That one is in no index and has the bits of a live span: taking
/// from it and giving back to it only moves its start, `top`. A region without wilderness has `top
/// == topEnd`.
///
/// Guarded by the lock of the core.
final class FreeSpace {
  private final WordTable words;
  private final FreeIndex index;
  private int top;
  private int topEnd;

  FreeSpace(WordTable words) {
    this.words = words;
    index = new FreeIndex(words);
  }

  /// Tells whether there is a free run before the wilderness.
  boolean hasIndexed() {
    return !index.isEmpty();
  }

  /// Takes granules for a live span from an indexed run.
  ///
  /// @return the first one, [WordTable#NONE] if no run was found
  int takeIndexed(int count) {
    int start = index.find(count);
    if (start != NONE) {
      cut(start, start, start + count);
    }
    return start;
  }

  /// Takes granules for a live span from the wilderness.
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
      words.enterEnd(end, topEnd);
    }
    return start;
  }

  /// Takes granules for a live span whose first granule is a multiple of a power of two.
  ///
  /// @return the first one, [WordTable#NONE] if no place was found
  int takeAligned(int count, int alignment) {
    int place = index.find(count, alignment);
    if (place != NONE) {
      cut(words.walkToStart(place), place, place + count);
      return place;
    }
    place = (top + alignment - 1) & -alignment;
    if (top == topEnd || count > topEnd - place) {
      return NONE;
    }
    takeRange(place, place + count);
    return place;
  }

  /// Takes given granules, all of which are free, as a live span.
  void takeRange(int start, int end) {
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
      enterIndexed(oldTop, start);
    }
  }

  /// Takes a part out of an indexed run, as a live span.
  private void cut(int runStart, int start, int end) {
    int runEnd = words.endOf(runStart);
    takeOut(runStart, runEnd);
    if (runStart < start) {
      enterIndexed(runStart, start);
    }
    words.enterBounds(start, end, true);
    if (end < runEnd) {
      enterIndexed(end, runEnd);
    }
  }

  /// Enters a free run, whose first granule has at most the bit of a start. Neither of its
  /// neighbours is free, unless the one behind it is the wilderness, which it joins.
  void enter(int start, int end) {
    if (end != top) {
      enterIndexed(start, end);
      return;
    }
    if (end < topEnd) {
      words.eraseStart(end);
    }
    enterWilderness(start);
  }

  private void enterIndexed(int start, int end) {
    words.flipFree(start);
    words.enterBounds(start, end, false);
    index.add(start, end);
  }

  private void enterWilderness(int start) {
    words.enterEnd(start, topEnd);
    top = start;
  }

  /// Takes a run out of the index. It has only the bit of a start then.
  void takeOut(int start, int end) {
    words.flipFree(start);
    index.remove(start, end);
  }

  /// The free run a granule lies in; an empty range if it is not free.
  UnitRange runAt(int granule) {
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
      enterIndexed(top, topEnd);
    }
    top = newEnd;
    topEnd = newEnd;
    int before = words.mergeableBefore(newEnd);
    if (before != NONE && words.starts(before, FREE)) {
      takeOut(before, newEnd);
      enterWilderness(before);
    }
  }

  /// Forgets all runs. What is in the word table is cleared with it.
  void clear() {
    index.clear();
    top = 0;
    topEnd = 0;
  }

  /// The start of the wilderness.
  int top() {
    return top;
  }

  /// The end of what is committed.
  int topEnd() {
    return topEnd;
  }

  FreeIndex index() {
    return index;
  }

  long metadataBytes() {
    return index.metadataBytes();
  }
}
