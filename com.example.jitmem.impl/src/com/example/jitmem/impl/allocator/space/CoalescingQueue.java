// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.CHUNK_LOG;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.WAITING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.WORD_LOG;

import java.util.Arrays;
import java.util.BitSet;

/// The words with pending runs that wait to be coalesced: the one added last first, as it is in the
/// cache, the others in the order of their addresses.
final class CoalescingQueue {
  private static final int CHUNK_WORD_LOG = CHUNK_LOG - WORD_LOG;

  private final BoundaryTags tags;

  /// The chunks with such words, as bits.
  private final long[] chunks;

  private int newest = NONE;
  private int count;

  CoalescingQueue(BoundaryTags tags) {
    this.tags = tags;
    chunks = new long[(tags.chunkCapacity() + 63) >>> 6];
  }

  void add(int word) {
    long[] waiting = tags.chunk(word << WORD_LOG);
    count += (int) (~waiting[WAITING] >>> word & 1);
    waiting[WAITING] |= 1L << word;
    int chunk = word >>> CHUNK_WORD_LOG;
    chunks[chunk >>> 6] |= 1L << chunk;
    newest = word;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// Takes a word out.
  ///
  /// @return the word, [BoundaryTags#NONE] if there is none
  int poll() {
    if (count == 0) {
      return NONE;
    }
    int word = newest != NONE ? newest : first();
    newest = NONE;
    remove(word);
    return word;
  }

  /// The lowest word, if there is one.
  private int first() {
    int i = 0;
    while (chunks[i] == 0) {
      i++;
    }
    int chunk = i << 6 | Long.numberOfTrailingZeros(chunks[i]);
    long waiting = tags.chunk(chunk << CHUNK_LOG)[WAITING];
    return chunk << CHUNK_WORD_LOG | Long.numberOfTrailingZeros(waiting);
  }

  private void remove(int word) {
    count--;
    if ((tags.chunk(word << WORD_LOG)[WAITING] &= ~(1L << word)) == 0) {
      int chunk = word >>> CHUNK_WORD_LOG;
      chunks[chunk >>> 6] &= ~(1L << chunk);
    }
  }

  /// Forgets all words.
  void clear() {
    // Also behind the end of what is committed now
    BitSet.valueOf(chunks).stream().forEach(chunk -> tags.chunk(chunk << CHUNK_LOG)[WAITING] = 0);
    Arrays.fill(chunks, 0);
    newest = NONE;
    count = 0;
  }

  boolean contains(int word) {
    return (tags.chunk(word << WORD_LOG)[WAITING] >>> word & 1) != 0;
  }

  /// The number of words, counted anew.
  int recount() {
    int found = 0;
    for (int chunk = 0; chunk < tags.chunkCapacity(); chunk++) {
      found += Long.bitCount(tags.chunk(chunk << CHUNK_LOG)[WAITING]);
    }
    return found;
  }

  int count() {
    return count;
  }

  long metadataBytes() {
    return (long) chunks.length * Long.BYTES;
  }
}
