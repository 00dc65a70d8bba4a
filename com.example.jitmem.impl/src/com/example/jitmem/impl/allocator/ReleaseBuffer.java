// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.util.Objects;

/// Spans that ended or were shrunk in a row, with nothing else happening between, which the tables
/// do not know yet: a batch.
///
/* The entries of such spans lie in places that nothing predicts, and a release that changes its
 * entry at once waits for the memory. Here a number of releases only leave their places, and are
 * applied together, in loops short enough for a processor to look up several places at a time.
 *
 * A thread that looks into the tables takes the lock by SpanCore.lock(), which first applies what
 * is here. Only spans of plain regions come here: their handle is the only one and knows what
 * became of it, a search without the lock finds nothing in such a region, and a region that is
 * plain no more has nothing here. And only of pools that keep empty blocks for a while, so that
 * applying never decommits anything.
 *
 * Guarded by the lock of the core. */
final class ReleaseBuffer {
  /// With less memory all entries are in a cache, and looking them up side by side costs more than
  /// it saves.
  private static final long LEAST_BYTES = 16L << 20;

  /// Releases that follow each other at this distance, in granules, are in a cache as well.
  private static final int FAR_LOG = ChunkedTable.CHUNK_LOG;

  private static final int CAPACITY = 64;

  /// What the releases are applied to.
  interface Tables {
    /// Ends a span of a plain region.
    void endBuffered(Region region, int start, int end);

    /// Frees what was split off a span of a plain region.
    void freeBufferedTail(Region region, int start, int newEnd, int end);
  }

  private final RegionDirectory regions;
  private final long[] places = new long[CAPACITY];

  /// Where what is released begins: where a span begins that has ended.
  private final int[] froms = new int[CAPACITY];

  private final int[] ends = new int[CAPACITY];
  private int count;

  /// How many of them are spans that were shrunk.
  private int shrinks;

  /// Releases since the lock was taken for something else, of those that may come here.
  private int inARow;

  private long last;
  private long leastBytes = LEAST_BYTES;
  private int farLog = FAR_LOG;

  ReleaseBuffer(RegionDirectory regions) {
    this.regions = regions;
  }

  /// Takes releases in a row where there is little memory too, and close to each other. For tests.
  void takeAll() {
    leastBytes = 0;
    farLog = 0;
  }

  /// Offers the release of a span that is live in the tables, or of its tail, and counts it as one
  /// in a row.
  ///
  /// @param from the first granule that is released
  /// @param reservedBytes how much memory is committed
  /// @return whether it was taken; [#isFull] has to be asked then
  boolean offer(Region region, int start, int from, long reservedBytes) {
    if (reservedBytes < leastBytes || ++inARow <= RegionHeap.BULK_FREE) {
      return false;
    }
    long place = region.place(start);
    long distance = place ^ last;
    last = place;
    if (distance >>> farLog == 0 || !region.pool().keepsEmptyBlocks()) {
      return false;
    }
    places[count] = place;
    froms[count] = from;
    shrinks += from == start ? 0 : 1;
    count++;
    return true;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// Tells whether it has just begun to fill.
  boolean hasOne() {
    return count == 1;
  }

  boolean isFull() {
    return count == CAPACITY;
  }

  /// Tells whether something was released in a row that may not be over.
  boolean isRow() {
    return inARow > 0;
  }

  /// Tells whether a span that was shrunk is here: it may end before the tables know where.
  boolean hasShrinks() {
    return shrinks > 0;
  }

  /// Ends the row, and applies all that is here.
  void endRow(Tables tables) {
    inARow = 0;
    apply(tables);
  }

  /// Applies all that is here.
  void apply(Tables tables) {
    int applied = count;
    boolean split = shrinks > 0;
    count = 0;
    shrinks = 0;
    for (int i = 0; i < applied; i++) {
      ends[i] = region(places[i]).endOf(Place.start(places[i]));
    }
    if (split) {
      split(applied);
    }
    for (int i = 0; i < applied; i++) {
      Region region = region(places[i]);
      int start = Place.start(places[i]);
      if (froms[i] == start) {
        tables.endBuffered(region, start, ends[i]);
      } else {
        tables.freeBufferedTail(region, start, froms[i], ends[i]);
      }
    }
  }

  /* One after the other, as a span may have been shrunk more than once, and have ended then. */
  private void split(int applied) {
    for (int i = 0; i < applied; i++) {
      Region region = region(places[i]);
      int start = Place.start(places[i]);
      ends[i] = region.endOf(start);
      if (froms[i] != start) {
        region.heap().split(start, froms[i], ends[i]);
      }
    }
  }

  private Region region(long place) {
    return Objects.requireNonNull(regions.at(Place.ordinal(place)));
  }
}
