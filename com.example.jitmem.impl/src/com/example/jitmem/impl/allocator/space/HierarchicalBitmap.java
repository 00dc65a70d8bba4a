// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.Arrays;

/// A set of small integers with fast neighbours: a bit set under summaries of 64 words each. Every
/// operation looks at one word per level, and there are at most five levels.
///
/// The words of the set itself come in chunks that exist once a bit was set in them; they are never
/// copied. Not thread-safe.
final class HierarchicalBitmap {
  /// The answer when there is no such bit.
  static final int NONE = -1;

  private static final int CHUNK_WORDS = 64;
  private static final long[] EMPTY_CHUNK = new long[0];

  private final int capacity;
  private final long[][] chunks;

  /// `summaries[0]` has one word per chunk, whose bits say which words of the chunk are not 0. Each
  /// further level says the same of the level before it.
  private final long[][] summaries;

  private long metadataBytes;

  /// An empty set.
  ///
  /// @param capacity all members are less
  HierarchicalBitmap(int capacity) {
    this.capacity = capacity;
    int words = words(words(capacity));
    chunks = new long[words][];
    Arrays.fill(chunks, EMPTY_CHUNK);
    int levels = 1;
    for (int size = words; size > 1; size = words(size)) {
      levels++;
    }
    summaries = new long[levels][];
    metadataBytes = (long) words * Integer.BYTES;
    for (int level = 0; level < levels; level++) {
      summaries[level] = new long[words];
      metadataBytes += (long) words * Long.BYTES;
      words = words(words);
    }
  }

  boolean get(int bit) {
    return (word(bit >> 6) >>> bit & 1) != 0;
  }

  void set(int bit) {
    int index = bit >> 6;
    long[] chunk = chunks[index >> 6];
    if (chunk.length == 0) {
      chunk = new long[CHUNK_WORDS];
      chunks[index >> 6] = chunk;
      metadataBytes += (long) CHUNK_WORDS * Long.BYTES;
    }
    long before = chunk[index & 63];
    chunk[index & 63] = before | 1L << bit;
    for (int level = 0; before == 0 && level < summaries.length; level++) {
      long[] summary = summaries[level];
      before = summary[index >> 6];
      summary[index >> 6] = before | 1L << index;
      index >>= 6;
    }
  }

  void clear(int bit) {
    if (!get(bit)) {
      return;
    }
    int index = bit >> 6;
    long after = chunks[index >> 6][index & 63] &= ~(1L << bit);
    for (int level = 0; after == 0 && level < summaries.length; level++) {
      after = summaries[level][index >> 6] &= ~(1L << index);
      index >>= 6;
    }
  }

  /// The smallest member that is not less than a number.
  int next(int from) {
    if (from >= capacity) {
      return NONE;
    }
    int index = from >> 6;
    long bits = word(index) & -1L << from;
    if (bits != 0) {
      return index << 6 | Long.numberOfTrailingZeros(bits);
    }
    for (int level = 0; level < summaries.length; level++) {
      bits = summaries[level][index >> 6] & -2L << index;
      if (bits != 0) {
        index = index >> 6 << 6 | Long.numberOfTrailingZeros(bits);
        for (int lower = level - 1; lower >= 0; lower--) {
          index = index << 6 | Long.numberOfTrailingZeros(summaries[lower][index]);
        }
        return index << 6 | Long.numberOfTrailingZeros(word(index));
      }
      index >>= 6;
    }
    return NONE;
  }

  private long word(int index) {
    long[] chunk = chunks[index >> 6];
    return chunk.length == 0 ? 0 : chunk[index & 63];
  }

  long metadataBytes() {
    return metadataBytes;
  }

  private static int words(int bits) {
    return (bits + 63) >>> 6;
  }
}
