// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.CHUNK_LOG;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// How handles of a span learn that it has ended, though the tables keep no object for it.
///
/* The handle that allocated a span knows when it was closed itself. Any other end has to be
 * written down: one by address, by a reset, or through a handle that query() gave; and one by
 * the first handle when query() has given others, of which a bit tells (the witness). What is
 * written down is a count per first granule: so many spans that started here ended in a way that
 * a handle cannot know. A handle remembers the count it was born with, and its span has ended
 * when there is another one. For two handles with the same start, the same count means the same
 * span, unless one of them ended unseen.
 *
 * Counts begin as bytes, for a chunk of granules at a time. A chunk of which one is full gets wide
 * ones.
 *
 * Witnesses are entered without the lock. Who does so asks afterwards whether the tables were
 * undisturbed; who ends a span reads the witness with the lock held. So either the end is
 * written down, or the reader starts anew. */
final class Endings {
  /// A count no handle has: the span ended, and no other handle of it exists.
  static final int UNSEEN = -1;

  /// A count that is not raised any more. Granules with it are never given out again.
  private static final int LAST = Integer.MAX_VALUE;

  private static final VarHandle WITNESSES = MethodHandles.arrayElementVarHandle(long[].class);

  /// The largest count of a byte.
  private static final int LAST_NARROW = 0xFF;

  /// Stand for chunks that do not exist.
  private static final byte[] NO_COUNTS = {};

  private static final int[] NO_WIDE_COUNTS = {};
  private static final long[] NO_WITNESSES = {};
  private static final int MASK = (1 << CHUNK_LOG) - 1;

  private final int chunkCapacity;
  private byte[][] counts = {};

  /// Those of chunks that are missing in [#counts].
  private int[][] wideCounts = {};

  private long[][] witnesses = {};
  private long metadataBytes;

  Endings(int chunkCapacity) {
    this.chunkCapacity = chunkCapacity;
  }

  /// The count of a granule. May be read without the lock.
  int count(int start) {
    byte[][] all = counts;
    if (all.length == 0) {
      return 0;
    }
    byte[] chunk = all[start >>> CHUNK_LOG];
    return chunk.length == 0 ? wideCount(start) : Byte.toUnsignedInt(chunk[start & MASK]);
  }

  private int wideCount(int start) {
    // Wide counts are there before the others are gone
    VarHandle.loadLoadFence();
    int[] chunk = wideChunk(start);
    return chunk.length == 0 ? 0 : chunk[start & MASK];
  }

  private int[] wideChunk(int start) {
    int[][] all = wideCounts;
    return all.length == 0 ? NO_WIDE_COUNTS : all[start >>> CHUNK_LOG];
  }

  /// Writes the end of a span down.
  void add(int start) {
    int[] wide = wideChunk(start);
    if (wide.length == 0) {
      byte[] chunk = narrowChunk(start);
      if (Byte.toUnsignedInt(chunk[start & MASK]) < LAST_NARROW) {
        chunk[start & MASK]++;
        return;
      }
      wide = widen(start, chunk);
    }
    wide[start & MASK]++;
  }

  /// The chunk of a granule, which is made if there is none.
  private byte[] narrowChunk(int start) {
    if (counts.length == 0) {
      byte[][] all = new byte[chunkCapacity][];
      Arrays.fill(all, NO_COUNTS);
      VarHandle.releaseFence();
      counts = all;
      metadataBytes += (long) chunkCapacity * Integer.BYTES;
    }
    byte[] chunk = counts[start >>> CHUNK_LOG];
    if (chunk.length == 0) {
      chunk = new byte[1 << CHUNK_LOG];
      metadataBytes += chunk.length;
      VarHandle.releaseFence();
      counts[start >>> CHUNK_LOG] = chunk;
    }
    return chunk;
  }

  /// Puts wide counts in the place of others.
  private int[] widen(int start, byte[] narrow) {
    if (wideCounts.length == 0) {
      int[][] all = new int[chunkCapacity][];
      Arrays.fill(all, NO_WIDE_COUNTS);
      VarHandle.releaseFence();
      wideCounts = all;
      metadataBytes += (long) chunkCapacity * Integer.BYTES;
    }
    int[] wide = new int[narrow.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = Byte.toUnsignedInt(narrow[i]);
    }
    metadataBytes += (long) Integer.BYTES * wide.length - narrow.length;
    VarHandle.releaseFence();
    wideCounts[start >>> CHUNK_LOG] = wide;
    VarHandle.releaseFence();
    counts[start >>> CHUNK_LOG] = NO_COUNTS;
    return wide;
  }

  /// Tells whether granules must not be given out again, because ends could not be told apart.
  boolean isExhausted(int start) {
    return count(start) == LAST;
  }

  /// Tells whether there are handles of a span beside the one that allocated it.
  boolean isWitnessed(int start) {
    long[][] all = witnesses;
    if (all.length == 0) {
      return false;
    }
    long[] chunk = all[start >>> CHUNK_LOG];
    return chunk.length > 0 && (chunk[word(start)] >>> start & 1) != 0;
  }

  /// Notes that there are. May be called without the lock.
  ///
  /// @return false if there is no room for the note: [#makeRoom] is needed first
  boolean tryWitness(int start) {
    long[][] all = witnesses;
    long[] chunk = all.length == 0 ? NO_WITNESSES : all[start >>> CHUNK_LOG];
    if (chunk.length == 0) {
      return false;
    }
    if ((chunk[word(start)] >>> start & 1) == 0) {
      WITNESSES.getAndBitwiseOr(chunk, word(start), 1L << start);
    }
    return true;
  }

  /// Makes room for notes of spans around one.
  void makeRoom(int start) {
    if (witnesses.length == 0) {
      long[][] all = new long[chunkCapacity][];
      Arrays.fill(all, NO_WITNESSES);
      VarHandle.releaseFence();
      witnesses = all;
      metadataBytes += (long) chunkCapacity * Integer.BYTES;
    }
    if (witnesses[start >>> CHUNK_LOG].length == 0) {
      long[] chunk = new long[1 << (CHUNK_LOG - 6)];
      metadataBytes += (long) chunk.length * Long.BYTES;
      VarHandle.releaseFence();
      witnesses[start >>> CHUNK_LOG] = chunk;
    }
  }

  /// Forgets that there are handles of a span that has ended.
  void forgetWitness(int start) {
    if (isWitnessed(start)) {
      WITNESSES.getAndBitwiseAnd(witnesses[start >>> CHUNK_LOG], word(start), ~(1L << start));
    }
  }

  private static int word(int start) {
    return (start & MASK) >>> 6;
  }

  long metadataBytes() {
    return metadataBytes;
  }
}
