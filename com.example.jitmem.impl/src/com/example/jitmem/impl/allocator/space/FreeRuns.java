// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;

/// The free runs of one region: those in the index, and the wilderness, which is the free run at
/// the end of what is committed. That one is in no index and has the bits of a live span: taking
/// from it and giving back to it only moves its start, `top`. A region without wilderness has `top
/// == topEnd`.
///
/// Guarded by the lock of the core.
final class FreeRuns {
  private final BoundaryTags tags;
  private final SegregatedFits index;
  private int top;
  private int topEnd;

  FreeRuns(BoundaryTags tags) {
    this.tags = tags;
    index = new SegregatedFits(tags);
  }

  /// Tells whether there is a free run before the wilderness.
  boolean hasIndexed() {
    return !index.isEmpty();
  }

  /// Takes granules for a live span from an indexed run.
  ///
  /// @return the first one, [BoundaryTags#NONE] if no run was found
  int allocateIndexed(int count) {
    int start = index.find(count);
    if (start != NONE) {
      carve(start, start, start + count);
    }
    return start;
  }

  /// Takes granules for a live span from the wilderness.
  ///
  /// @return the first one, [BoundaryTags#NONE] if there are too few
  int allocateWilderness(int count) {
    int start = top;
    int end = start + count;
    if (count > topEnd - start) {
      return NONE;
    }
    // Its start has the bits of a live span already
    tags.setBounds(start, end, true);
    top = end;
    if (end < topEnd) {
      tags.setEnd(end, topEnd);
    }
    return start;
  }

  /// Takes granules for a live span whose first granule is a multiple of a power of two.
  ///
  /// @return the first one, [BoundaryTags#NONE] if none was found
  int allocateAligned(int count, int alignment) {
    int start = index.find(count, alignment);
    if (start != NONE) {
      carve(tags.walkToStart(start), start, start + count);
      return start;
    }
    start = (top + alignment - 1) & -alignment;
    if (count > topEnd - start) {
      return NONE;
    }
    allocateRange(start, start + count);
    return start;
  }

  /// Takes given granules, all of which are free, as a live span.
  void allocateRange(int start, int end) {
    if (start < top) {
      carve(tags.walkToStart(start), start, end);
      return;
    }
    int oldTop = top;
    top = topEnd;
    if (end < topEnd) {
      setWilderness(end);
    }
    tags.setBounds(start, end, true);
    if (oldTop < start) {
      addIndexed(oldTop, start);
    }
  }

  /// Takes a part out of an indexed run, as a live span.
  private void carve(int runStart, int start, int end) {
    int runEnd = tags.endOf(runStart);
    remove(runStart, runEnd);
    if (runStart < start) {
      addIndexed(runStart, start);
    }
    tags.setBounds(start, end, true);
    if (end < runEnd) {
      addIndexed(end, runEnd);
    }
  }

  /// Enters a free run, whose first granule has at most the bit of a start. Neither of its
  /// neighbours is free, unless the one behind it is the wilderness, which it joins.
  void add(int start, int end) {
    if (end != top) {
      addIndexed(start, end);
      return;
    }
    if (end < topEnd) {
      tags.clearStart(end);
    }
    setWilderness(start);
  }

  private void addIndexed(int start, int end) {
    tags.flipFree(start);
    tags.setBounds(start, end, false);
    index.add(start, end);
  }

  private void setWilderness(int start) {
    tags.setEnd(start, topEnd);
    top = start;
  }

  /// Takes a run out of the index. It has only the bit of a start then.
  void remove(int start, int end) {
    tags.flipFree(start);
    index.remove(start, end);
  }

  /// The free run a granule lies in; an empty range if it is not free.
  IntRange runAt(int granule) {
    if (granule >= top && granule < topEnd) {
      return new IntRange(top, topEnd);
    }
    int start = tags.walkToStart(granule);
    return start != NONE && tags.starts(start, FREE) && tags.endOf(start) > granule
        ? new IntRange(start, tags.endOf(start))
        : new IntRange(granule, granule);
  }

  /// Moves the end of what is committed, behind which there are no runs. The wilderness becomes an
  /// ordinary free run when memory behind it was committed; a free run before the new end becomes
  /// the wilderness.
  void moveEnd(int newEnd) {
    if (top < topEnd) {
      addIndexed(top, topEnd);
    }
    top = newEnd;
    topEnd = newEnd;
    int before = tags.mergeableBefore(newEnd);
    if (before != NONE && tags.starts(before, FREE)) {
      remove(before, newEnd);
      setWilderness(before);
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

  SegregatedFits index() {
    return index;
  }

  long metadataBytes() {
    return index.metadataBytes();
  }
}
