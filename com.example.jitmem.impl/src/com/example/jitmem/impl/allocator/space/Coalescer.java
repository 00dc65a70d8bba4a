// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.WORD_LOG;

/// Deferred coalescing: released spans stay pending until the runs are needed that they become when
/// they are joined with their neighbours. A span is joined with pending neighbours too, so
/// that each is looked at once.
///
/// Guarded by the lock of the core.
final class Coalescer {
  /// Words that an allocation coalesces before it searches.
  private static final int WORDS_PER_ALLOCATION = 4;

  /// Words that are coalesced while others wait for the lock: tens of microseconds if each has as
  /// many runs as fit into it.
  private static final int WORDS_AT_ONCE = 64;

  /// How often a run is joined with what is before and behind it at once, each time with all
  /// pending runs of a word that follow each other: microseconds. The others stay pending, and are
  /// joined with it when their turn comes.
  private static final int JOINS_AT_ONCE = 128;

  private final BoundaryTags tags;
  private final FreeRuns free;
  private final CoalescingQueue queue;
  private int pendingGranules;

  Coalescer(BoundaryTags tags, FreeRuns free) {
    this.tags = tags;
    this.free = free;
    queue = new CoalescingQueue(tags);
  }

  /// Makes a live span pending.
  void defer(int start, int end) {
    tags.flipPending(start);
    pendingGranules += end - start;
  }

  /// Makes a pending run a live span again.
  void revive(int start, int end) {
    tags.flipPending(start);
    pendingGranules -= end - start;
  }

  /// Puts the word of a pending run into the queue.
  void enqueue(int start) {
    queue.add(start >>> WORD_LOG);
  }

  /// Tells whether a run would be joined with a neighbour.
  boolean hasMergeableNeighbour(int start, int end) {
    return tags.startsMergeable(end) || tags.mergeableBefore(start) != NONE;
  }

  /// Joins a run with the free and pending ones around it, so that none of them is free.
  ///
  /// @param start its first granule, which has only the bit of a start; the run is in no index and
  ///     not counted as pending
  void coalesce(int start, int end) {
    int from = joinBefore(start);
    free.add(from, joinBehind(end));
  }

  private int joinBefore(int start) {
    int from = start;
    int joins = 0;
    for (int before = tags.mergeableBefore(from);
        before != NONE && (joins < JOINS_AT_ONCE || tags.starts(before, FREE));
        before = tags.mergeableBefore(from)) {
      int first = before;
      if (tags.starts(before, PENDING)) {
        first = tags.joinPendingUpTo(before);
        pendingGranules -= from - first;
      } else {
        free.remove(before, from);
      }
      tags.clearStart(from);
      from = first;
      joins++;
    }
    return from;
  }

  private int joinBehind(int end) {
    int to = end;
    for (int joins = 0;
        to != free.top()
            && tags.startsMergeable(to)
            && (joins < JOINS_AT_ONCE || tags.starts(to, FREE));
        joins++) {
      int next;
      if (tags.starts(to, PENDING)) {
        next = tags.joinPendingFrom(to);
        pendingGranules -= next - to;
      } else {
        next = tags.endOf(to);
        free.remove(to, next);
      }
      tags.clearStart(to);
      to = next;
    }
    return to;
  }

  /// Tells whether there is anything in the queue.
  boolean hasQueued() {
    return !queue.isEmpty();
  }

  /// Coalesces the words queued last.
  void coalesceSome() {
    coalesce(WORDS_PER_ALLOCATION);
  }

  private int coalesce(int most) {
    for (int done = 0; done < most; done++) {
      int word = queue.poll();
      if (word == NONE) {
        return done;
      }
      coalesceWord(word);
    }
    return most;
  }

  /// Coalesces more words from the queue, after a search in vain.
  ///
  /// @return whether there were any
  boolean coalesceMore() {
    return coalesce(WORDS_AT_ONCE) > 0;
  }

  /// Coalesces a run and what else is pending in its word. Does nothing if it is not pending.
  void coalescePending(int start) {
    if (tags.starts(start, PENDING)) {
      coalesceWord(start >>> WORD_LOG);
    }
  }

  /// Coalesces what is pending in some granules.
  void coalesce(IntRange granules) {
    if (pendingGranules == 0) {
      return;
    }
    coalescePending(tags.startOf(granules.start()));
    for (int word = granules.start() >>> WORD_LOG;
        word <= (granules.end() - 1) >>> WORD_LOG;
        word++) {
      coalesceWord(word);
    }
  }

  private void coalesceWord(int word) {
    for (long pending = tags.pendingIn(word); pending != 0; pending = tags.pendingIn(word)) {
      int start = word << WORD_LOG | Long.numberOfTrailingZeros(pending);
      int end = tags.endOf(start);
      revive(start, end);
      coalesce(start, end);
    }
  }

  /// Forgets all that is pending. The runs in the word table are cleared with it.
  void clear() {
    queue.clear();
    pendingGranules = 0;
  }

  CoalescingQueue queue() {
    return queue;
  }

  int pendingGranules() {
    return pendingGranules;
  }

  long metadataBytes() {
    return queue.metadataBytes();
  }
}
