// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.Arrays;

/// What the granules of one region are, as boundary tags: three bits for each granule and two
/// numbers for each 64 of them.
///
/* Notation. The granules of committed memory lie in runs that touch each other: a live span, a
 * released span that waits to be coalesced (pending), free memory, or reserved memory
 * (padding, memory on the way to or from the system, the memory of a released span that is still
 * written). A run is known by its first granule alone: the bit START is set there, FREE and PENDING
 * tell what the run is, and no granule after the first has a bit. So a span is released and taken
 * again by changing one bit.
 *
 * Sixty-four granules make a word. The record of a word is four longs, half a cache line: START,
 * FREE, PENDING and TAG. TAG holds
 *   in its upper half the end of the run that starts in this word and reaches its last granule,
 *   in its lower half the start of the run that began in an earlier word and reaches its first one.
 * The upper half is exact for every run. The lower half is exact in every word of a live or pending
 * run and in the last word of a free one; elsewhere it is left over from other runs, so callers of
 * startOf() verify what it gives by endOf().
 *
 * Records come in chunks of 64 words, which exist once memory they describe was committed, and are
 * never copied. A chunk also has the lowest level of the search by size, see SegregatedFits, and
 * the words that wait to be coalesced, see CoalescingQueue. Reading a chunk that does not exist
 * gives zeros. */
final class BoundaryTags {
  /// The answer when there is no such granule or word.
  static final int NONE = -1;

  /// A run is a live span.
  static final int LIVE = 0;

  /// A run is free.
  static final int FREE = 1;

  /// A run is a released span that was not joined with its neighbours yet.
  static final int PENDING = 2;

  /// A run is reserved.
  static final int RESERVED = 3;

  /// The binary logarithm of the granules of a word.
  static final int WORD_LOG = 6;

  /// The binary logarithm of the granules of a chunk.
  static final int CHUNK_LOG = 12;

  /// Where a chunk holds the words with a free run of each size class.
  static final int CLASSES = 64 * 4;

  /// Where a chunk holds the words that wait to be coalesced.
  static final int WAITING = CLASSES + SizeClasses.SMALL;

  private static final int CHUNK_LONGS = WAITING + 1;
  private static final int ARRAY_HEADER_BYTES = 16;
  private static final int REFERENCE_BYTES = 4;

  private static final int START_BITS = 0;
  private static final int FREE_BITS = 1;
  private static final int PENDING_BITS = 2;
  private static final int TAG = 3;

  /// Stands for every chunk that does not exist. Never written.
  private static final long[] NO_CHUNK = new long[CHUNK_LONGS];

  private final int capacity;
  private final long[][] chunks;
  private int chunkCount;

  /// Describes granules of which none is committed.
  ///
  /// @param capacity how many
  BoundaryTags(int capacity) {
    this.capacity = capacity;
    chunks = new long[(capacity + (1 << CHUNK_LOG) - 1) >>> CHUNK_LOG][];
    Arrays.fill(chunks, NO_CHUNK);
  }

  int capacity() {
    return capacity;
  }

  int chunkCapacity() {
    return chunks.length;
  }

  /// Makes the chunks that describe some granules.
  void ensureChunks(int from, int to) {
    for (int i = from >>> CHUNK_LOG; i <= (to - 1) >>> CHUNK_LOG; i++) {
      if (!exists(i)) {
        chunks[i] = new long[CHUNK_LONGS];
        chunkCount++;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // this very array stands for none
  boolean exists(int chunkIndex) {
    return chunks[chunkIndex] != NO_CHUNK;
  }

  /// The chunk of a granule.
  long[] chunk(int granule) {
    return chunks[granule >>> CHUNK_LOG];
  }

  private static int record(int granule) {
    return (granule >>> WORD_LOG & 63) << 2;
  }

  boolean isStart(int granule) {
    return (chunk(granule)[record(granule) + START_BITS] >>> granule & 1) != 0;
  }

  /// What the run is that starts at a granule.
  ///
  /// @return one of [#LIVE], [#FREE], [#PENDING], [#RESERVED]; [#LIVE] also where no run starts
  int kind(int start) {
    long[] chunk = chunk(start);
    int record = record(start);
    long free = chunk[record + FREE_BITS] >>> start & 1;
    long pending = chunk[record + PENDING_BITS] >>> start & 1;
    return (int) (pending << 1 | free);
  }

  /// Tells whether a run of a kind that is not [#LIVE] starts at a granule.
  boolean starts(int granule, int kind) {
    return kind(granule) == kind;
  }

  /// Tells whether a live span starts at a granule.
  boolean startsLive(int granule) {
    return isStart(granule) && kind(granule) == LIVE;
  }

  /// The granule after a run.
  int endOf(int start) {
    long[] chunk = chunk(start);
    int record = record(start);
    // Two shifts, as one by 64 does nothing
    long above = chunk[record + START_BITS] >>> start >>> 1;
    return select(
        above, start + 1 + Long.numberOfTrailingZeros(above), (int) (chunk[record + TAG] >>> 32));
  }

  /// The first granule of the run a granule lies in, if it lies in one of which the table knows the
  /// start. The answer has to be verified, see above.
  int startOf(int granule) {
    long[] chunk = chunk(granule);
    int record = record(granule);
    long below = chunk[record + START_BITS] << ~granule;
    return select(below, granule - Long.numberOfLeadingZeros(below), (int) chunk[record + TAG]);
  }

  /* Without a branch: whether a run ends in its word is as good as random, and a wrong guess of the
   * processor costs more than both answers. */
  private static int select(long bits, int ifAny, int ifNone) {
    int all = (int) ((bits | -bits) >> 63);
    return ifNone ^ ((ifNone ^ ifAny) & all);
  }

  /// Tells whether a free or pending run starts at a granule.
  boolean startsMergeable(int granule) {
    long[] chunk = chunk(granule);
    int record = record(granule);
    return ((chunk[record + FREE_BITS] ^ chunk[record + PENDING_BITS]) >>> granule & 1) != 0;
  }

  /// The live span a granule lies in.
  ///
  /// @return its first granule, [#NONE] if there is none
  int findLive(int granule) {
    int start = startOf(granule);
    return startsLive(start) && endOf(start) > granule ? start : NONE;
  }

  /// The free or pending run that ends where another run starts.
  ///
  /// @return its first granule, [#NONE] if there is none
  int mergeableBefore(int start) {
    if (start == 0) {
      return NONE;
    }
    int previous = startOf(start - 1);
    return startsMergeable(previous) && endOf(previous) == start ? previous : NONE;
  }

  /// The first granule of the run a granule lies in, found by a walk where the word does not tell,
  /// as in the middle of a long free run.
  ///
  /// @return the granule, [#NONE] if no run starts before
  int walkToStart(int granule) {
    int told = startOf(granule);
    if (isStart(told) && endOf(told) > granule) {
      return told;
    }
    for (int at = granule; at >= 0; at = (at >>> WORD_LOG << WORD_LOG) - 1) {
      long below = chunk(at)[record(at) + START_BITS] << ~at;
      if (below != 0) {
        return at - Long.numberOfLeadingZeros(below);
      }
    }
    return NONE;
  }

  /// Enters a run, or gives a run that starts there another end or kind. No granule of it after the
  /// first may have a bit.
  void setRun(int start, int end, int kind) {
    setKind(start, kind);
    setBounds(start, end, kind == LIVE);
  }

  /// Enters the bounds of a run whose kind is right, which is that of a granule without bits too:
  /// [#LIVE].
  ///
  /// @param everywhere whether the start is to be found from all granules of the run, not only from
  ///     its last ones
  void setBounds(int start, int end, boolean everywhere) {
    setEnd(start, end);
    int word = start >>> WORD_LOG;
    int last = (end - 1) >>> WORD_LOG;
    if (last != word) {
      setStart(everywhere ? word + 1 : last, last, start);
    }
  }

  private void setStart(int firstWord, int lastWord, int start) {
    for (int word = firstWord; word <= lastWord; word++) {
      int granule = word << WORD_LOG;
      long[] chunk = chunk(granule);
      int tag = record(granule) + TAG;
      chunk[tag] = (chunk[tag] & 0xFFFF_FFFF_0000_0000L) | start;
    }
  }

  /// Enters a run whose start is found from the same granules as before: useful where the
  /// start is never looked up, or where the run began there and was longer.
  void setEnd(int start, int end) {
    long[] chunk = chunk(start);
    int record = record(start);
    chunk[record + START_BITS] |= 1L << start;
    if (end >>> WORD_LOG != start >>> WORD_LOG) {
      chunk[record + TAG] = ((long) end << 32) | (chunk[record + TAG] & 0xFFFF_FFFFL);
    }
  }

  /// Changes what a run is. A run that becomes [#LIVE] must have been live or pending.
  void setKind(int start, int kind) {
    long[] chunk = chunk(start);
    int record = record(start);
    long bit = 1L << start;
    long free = chunk[record + FREE_BITS];
    long pending = chunk[record + PENDING_BITS];
    chunk[record + FREE_BITS] = (kind & FREE) != 0 ? free | bit : free & ~bit;
    chunk[record + PENDING_BITS] = (kind & PENDING) != 0 ? pending | bit : pending & ~bit;
  }

  /// Makes a live span pending, or a pending one live.
  void flipPending(int start) {
    chunk(start)[record(start) + PENDING_BITS] ^= 1L << start;
  }

  /// Makes a live run free, or a free one live.
  void flipFree(int start) {
    chunk(start)[record(start) + FREE_BITS] ^= 1L << start;
  }

  /// Joins a live run to the one before it.
  void clearStart(int start) {
    chunk(start)[record(start) + START_BITS] &= ~(1L << start);
  }

  /// Takes all bits from a granule: what was a run joins the one before it, or is unknown.
  void clearRun(int start) {
    setKind(start, LIVE);
    clearStart(start);
  }

  /// The free runs that start in a word, as bits.
  long freeIn(int word) {
    int granule = word << WORD_LOG;
    long[] chunk = chunk(granule);
    int record = record(granule);
    return chunk[record + FREE_BITS] & ~chunk[record + PENDING_BITS];
  }

  /// The pending runs that start in a word, as bits.
  long pendingIn(int word) {
    int granule = word << WORD_LOG;
    return pending(chunk(granule), record(granule));
  }

  /// Joins the pending runs of a word that follow each other, as a live one.
  ///
  /// @param start where the first of them starts
  /// @return the granule after the last of them
  int joinPendingFrom(int start) {
    long[] chunk = chunk(start);
    int record = record(start);
    long starts = chunk[record + START_BITS];
    long others = starts & ~pending(chunk, record) & -1L << start;
    int end = granule(start, others != 0 ? others : Long.highestOneBit(starts));
    if (others == 0) {
      end = endOf(end);
    }
    long joined = starts & -1L << start & (Long.lowestOneBit(others) - 1);
    chunk[record + PENDING_BITS] &= ~joined;
    chunk[record + START_BITS] = (starts & ~joined) | 1L << start;
    return end;
  }

  /// As [#joinPendingFrom] for those that follow each other up to one.
  ///
  /// @param last where the last of them starts
  /// @return where the first of them starts
  int joinPendingUpTo(int last) {
    long[] chunk = chunk(last);
    int record = record(last);
    long starts = chunk[record + START_BITS];
    long others = starts & ~pending(chunk, record) & ~(-1L << last);
    // All bits above the highest of the others
    long above = -Long.highestOneBit(others) << 1 | (others == 0 ? -1 : 0);
    long joined = starts & above & ~(-2L << last);
    chunk[record + PENDING_BITS] &= ~joined;
    chunk[record + START_BITS] = (starts & ~joined) | Long.lowestOneBit(joined);
    return granule(last, joined);
  }

  private static long pending(long[] chunk, int record) {
    return chunk[record + PENDING_BITS] & ~chunk[record + FREE_BITS];
  }

  /// The granule of the lowest of some bits of a word.
  ///
  /// @param inside any granule of the word
  private static int granule(int inside, long bits) {
    return inside >>> WORD_LOG << WORD_LOG | Long.numberOfTrailingZeros(bits);
  }

  /// The first run that starts at a granule or after it.
  ///
  /// @return its first granule, [#NONE] if there is none
  int next(int granule) {
    for (int at = granule; at < capacity; at = ((at >>> WORD_LOG) + 1) << WORD_LOG) {
      if (!exists(at >>> CHUNK_LOG)) {
        at |= (1 << CHUNK_LOG) - 1;
        continue;
      }
      long bits = chunk(at)[record(at) + START_BITS] & -1L << at;
      if (bits != 0) {
        return granule(at, bits);
      }
    }
    return NONE;
  }

  /// The first live span that starts at a granule or after it.
  ///
  /// @return its first granule, [#NONE] if there is none
  int nextLive(int granule) {
    int start = next(granule);
    while (start != NONE && kind(start) != LIVE) {
      start = next(start + 1);
    }
    return start;
  }

  /// Forgets all runs, and what other tables keep in chunks.
  ///
  /// @param end no run starts at this granule or behind it
  void clear(int end) {
    for (int i = 0; i << CHUNK_LOG < end; i++) {
      if (exists(i)) {
        Arrays.fill(chunks[i], 0);
      }
    }
  }

  long metadataBytes() {
    return (long) chunkCount * (CHUNK_LONGS * (long) Long.BYTES + ARRAY_HEADER_BYTES)
        + (long) chunks.length * REFERENCE_BYTES;
  }
}
