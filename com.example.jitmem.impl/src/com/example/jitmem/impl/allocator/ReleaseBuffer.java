// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.util.Objects;

/// Spans that ended or were shrunk one after the other without anything else happening, and of
/// which the tables do not know that yet.
///
/* The entries of such spans lie in places that nothing predicts, and a release that changes its
 * entry at once waits for the memory. Here a number of releases only leave their places, and are
 * entered together, in loops short enough for a processor to look up several places at a time.
 *
 * Whoever looks into the tables takes the lock by SpanCore.lock(), which enters first what is here.
 * Only spans of plain regions come here: their handle is the only one and knows what became of it,
 * a search without the lock finds nothing in such a region, and a region that is plain no more has
 * nothing here. And only of pools that keep empty blocks for a while, so that entering never gives
 * anything back to the system.
 *
 * Guarded by the lock of the core. */
final class ReleaseBuffer {
  /// With less memory all entries are in a cache, and what looks them up side by side costs more
  /// than it saves.
  private static final long LEAST_BYTES = 16L << 20;

  /// Releases that follow each other at this distance, in granules, are in a cache as well.
  private static final int FAR_LOG = ChunkedTable.CHUNK_LOG;

  private static final int CAPACITY = 64;

  private final long[] places = new long[CAPACITY];

  /// Where what is released begins: where a span begins that has ended.
  private final int[] froms = new int[CAPACITY];

  private final int[] ends = new int[CAPACITY];
  private int count;

  /// How many of them are spans that were shrunk.
  private int cuts;

  /// Releases since somebody took the lock for something else, of those that may come here.
  private int inARow;

  private long last;
  private long leastBytes = LEAST_BYTES;
  private int farLog = FAR_LOG;

  /// Takes releases in a row where there is little memory too, and close to each other. For tests.
  void takeAll() {
    leastBytes = 0;
    farLog = 0;
  }

  /// Tells whether a release is to come here.
  ///
  /// @param reservedBytes how much memory is committed
  boolean takes(Region region, int start, long reservedBytes) {
    return reservedBytes >= leastBytes
        && ++inARow > RegionHeap.BULK_FREE
        && isFar(SpanCore.place(region, start))
        && region.pool.generation.keepsEmptyBlock();
  }

  private boolean isFar(long place) {
    long distance = place ^ last;
    last = place;
    return distance >>> farLog != 0;
  }

  /// For tests.
  boolean isEmpty() {
    return count == 0;
  }

  /// Adds a span that is live in the tables, or the end of one.
  ///
  /// @param from its first granule that is released
  void add(SpanCore core, Region region, int start, int from) {
    if (count == 0) {
      // If nobody else comes, the next tick tells the tables
      core.purger.request();
    }
    places[count] = SpanCore.place(region, start);
    froms[count] = from;
    cuts += from == start ? 0 : 1;
    if (++count == CAPACITY) {
      enter(core);
    }
  }

  /// Tells whether something was released in a row that may not be over.
  boolean isRow() {
    return inARow > 0;
  }

  /// Ends the row, and enters all spans that are here.
  void endRow(SpanCore core) {
    inARow = 0;
    enter(core);
  }

  /// Enters all spans that are here if one of them was shrunk: it may end before the tables know
  /// where.
  void enterCuts(SpanCore core) {
    if (cuts > 0) {
      enter(core);
    }
  }

  /// Enters all spans that are here.
  void enter(SpanCore core) {
    int entered = count;
    boolean cut = cuts > 0;
    count = 0;
    cuts = 0;
    for (int i = 0; i < entered; i++) {
      ends[i] = region(core, places[i]).endOf(start(places[i]));
    }
    if (cut) {
      split(core, entered);
    }
    for (int i = 0; i < entered; i++) {
      Region region = region(core, places[i]);
      int start = start(places[i]);
      // Neither gives work back, see above
      if (froms[i] == start) {
        core.end(region, start, ends[i], null);
      } else {
        core.endTail(region, start, froms[i], ends[i], null);
      }
    }
  }

  /* One after the other, as a span may have been shrunk more than once, and have ended then. */
  private void split(SpanCore core, int entered) {
    for (int i = 0; i < entered; i++) {
      Region region = region(core, places[i]);
      int start = start(places[i]);
      ends[i] = region.endOf(start);
      if (froms[i] != start) {
        region.heap.split(start, froms[i], ends[i]);
      }
    }
  }

  private static Region region(SpanCore core, long place) {
    return Objects.requireNonNull(core.regions.at((int) (place >>> 32)));
  }

  private static int start(long place) {
    return (int) place;
  }
}
