// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.CHUNK_LOG;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.CLASSES;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.WORD_LOG;

import java.util.Arrays;

/// The search: free runs of a region by their length, lowest address first.
///
/* Notation. For each size class there is a tree of bits, 64 to a long: the bits in a chunk are
 * words in which a free run of the class starts, those in `middles` are chunks with such a word,
 * those in `roots` are longs of `middles` that are not 0; `present` has the classes with any run
 * at all. So a search is four times "the lowest bit", whatever the number of runs. Runs of 8,192
 * granules and more are few, and kept apart in LargeRuns. */
final class SegregatedFits {
  /// How many words of a class that may hold a fitting run are looked at before a class that does.
  static final int PROBES = 4;

  private static final int CHUNK_WORD_LOG = CHUNK_LOG - WORD_LOG;

  private final BoundaryTags tags;
  private final long[] middles;
  private final long[] roots;
  private final LargeRuns large;
  private long present;

  /// Runs of this many granules or more were sought in vain since a run was entered, so that full
  /// regions cost next to nothing.
  private int soughtInVain = Integer.MAX_VALUE;

  SegregatedFits(BoundaryTags tags) {
    this.tags = tags;
    int middleCount = (tags.chunkCapacity() + 63) >>> 6;
    middles = new long[middleCount * SizeClasses.SMALL];
    roots = new long[((middleCount + 63) >>> 6) * SizeClasses.SMALL];
    large = new LargeRuns(tags);
  }

  /// Enters a free run that is in the word table.
  void add(int start, int end) {
    soughtInVain = Integer.MAX_VALUE;
    int sizeClass = SizeClasses.of(end - start);
    if (sizeClass >= SizeClasses.SMALL) {
      large.add(start, sizeClass);
      return;
    }
    long[] chunk = tags.chunk(start);
    long before = chunk[CLASSES + sizeClass];
    chunk[CLASSES + sizeClass] = before | 1L << (start >>> WORD_LOG);
    if (before == 0) {
      raise(sizeClass, start >>> CHUNK_LOG);
    }
  }

  /// Takes a run out that is no free run of the word table any more.
  void remove(int start, int end) {
    int sizeClass = SizeClasses.of(end - start);
    if (sizeClass >= SizeClasses.SMALL) {
      large.remove(start, sizeClass);
      return;
    }
    int word = start >>> WORD_LOG;
    if (findInWord(word, sizeClass) != NONE) {
      return;
    }
    if ((tags.chunk(start)[CLASSES + sizeClass] &= ~(1L << word)) == 0) {
      lower(sizeClass, start >>> CHUNK_LOG);
    }
  }

  /// Verifies that exactly the free runs of the word table are found.
  ///
  /// @throws IllegalStateException naming what is wrong
  void check() {
    long[] found = new long[SizeClasses.SMALL];
    int largeRuns = 0;
    for (int start = tags.next(0); start != NONE; start = tags.next(start + 1)) {
      if (!tags.starts(start, BoundaryTags.FREE)) {
        continue;
      }
      int sizeClass = SizeClasses.of(tags.endOf(start) - start);
      if (sizeClass >= SizeClasses.SMALL) {
        Invariant.require(large.contains(start, sizeClass), "a large run is not listed: " + start);
        largeRuns++;
        continue;
      }
      found[sizeClass]++;
      Invariant.require(
          nextWord(sizeClass, start >>> WORD_LOG) == start >>> WORD_LOG,
          "a free run is not listed: " + start);
    }
    Invariant.requireEqual("large free runs", large.countAll(), largeRuns);
    checkSoughtInVain();
    for (int c = 0; c < SizeClasses.SMALL; c++) {
      Invariant.require(
          ((present >>> c & 1) != 0) == (found[c] > 0), "size class " + c + " is marked wrongly");
      for (int w = found[c] > 0 ? firstWord(c) : NONE; w != NONE; w = nextWord(c, w + 1)) {
        Invariant.require(findInWord(w, c) != NONE, "size class " + c + " lists word " + w);
      }
    }
  }

  private void checkSoughtInVain() {
    if (soughtInVain <= SizeClasses.SHORTEST_LARGE) {
      for (int c = SizeClasses.atLeast(soughtInVain); c < SizeClasses.SMALL; c++) {
        Invariant.require((present >>> c & 1) == 0, "runs of class " + c + " are not sought");
      }
      Invariant.require(large.isEmpty(), "large runs are not sought");
    }
  }

  long metadataBytes() {
    return (long) (middles.length + roots.length) * Long.BYTES + large.metadataBytes();
  }

  /// Forgets all runs. What is in the chunks of the word table is cleared with it.
  void clear() {
    Arrays.fill(middles, 0);
    Arrays.fill(roots, 0);
    present = 0;
    soughtInVain = Integer.MAX_VALUE;
    large.clear();
  }

  private void raise(int sizeClass, int chunk) {
    int middle = (chunk >>> 6) * SizeClasses.SMALL + sizeClass;
    long before = middles[middle];
    middles[middle] = before | 1L << chunk;
    if (before == 0) {
      roots[(chunk >>> 12) * SizeClasses.SMALL + sizeClass] |= 1L << (chunk >>> 6);
      present |= 1L << sizeClass;
    }
  }

  private void lower(int sizeClass, int chunk) {
    if ((middles[(chunk >>> 6) * SizeClasses.SMALL + sizeClass] &= ~(1L << chunk)) == 0) {
      roots[(chunk >>> 12) * SizeClasses.SMALL + sizeClass] &= ~(1L << (chunk >>> 6));
      for (int root = sizeClass; root < roots.length; root += SizeClasses.SMALL) {
        if (roots[root] != 0) {
          return;
        }
      }
      present &= ~(1L << sizeClass);
    }
  }

  boolean isEmpty() {
    return present == 0 && large.isEmpty();
  }

  /// Looks for a run of at least some granules.
  ///
  /// @return its first granule, [BoundaryTags#NONE] if none was found, which may happen although a
  ///     run longer than 32 granules would do, so that a search takes no longer the more runs there
  ///     are
  int find(int count) {
    if (count >= soughtInVain) {
      return NONE;
    }
    int start = search(count);
    if (start == NONE) {
      soughtInVain = count;
    }
    return start;
  }

  private int search(int count) {
    int sizeClass = SizeClasses.of(count);
    if (sizeClass >= SizeClasses.SMALL) {
      return large.find(count, 1);
    }
    if (count > SizeClasses.EXACT) {
      int start = probe(sizeClass, count, 1);
      if (start != NONE) {
        return start;
      }
      sizeClass++;
    }
    // A shift by 64 does nothing, hence two
    long fitting = present & -1L << (sizeClass >>> 1) << (sizeClass - (sizeClass >>> 1));
    if (fitting == 0) {
      return large.find(count, 1);
    }
    int found = Long.numberOfTrailingZeros(fitting);
    return findInWord(firstWord(found), found);
  }

  /// Looks for a run with room for aligned granules.
  ///
  /// @param alignment a power of two that divides the number of the first granule
  /// @return the first granule, [BoundaryTags#NONE] as for [#find(int)]
  int find(int count, int alignment) {
    int sure = count + alignment - 1;
    if (sure < SizeClasses.SHORTEST_LARGE) {
      int surely = SizeClasses.atLeast(sure);
      for (int c = SizeClasses.of(count); c < surely; c++) {
        int start = probe(c, count, alignment);
        if (start != NONE) {
          return start;
        }
      }
      int start = find(sure);
      if (start != NONE) {
        return align(start, alignment);
      }
    }
    return large.find(count, alignment);
  }

  private int probe(int sizeClass, int count, int alignment) {
    if ((present >>> sizeClass & 1) == 0) {
      return NONE;
    }
    int word = firstWord(sizeClass);
    for (int i = 0; i < PROBES && word != NONE; i++) {
      for (long free = tags.freeIn(word); free != 0; free &= free - 1) {
        int start = word << WORD_LOG | Long.numberOfTrailingZeros(free);
        if (align(start, alignment) + count <= tags.endOf(start)) {
          return align(start, alignment);
        }
      }
      word = nextWord(sizeClass, word + 1);
    }
    return NONE;
  }

  private static int align(int granule, int alignment) {
    return (granule + alignment - 1) & -alignment;
  }

  /// The first run of a class in a word.
  private int findInWord(int word, int sizeClass) {
    for (long free = tags.freeIn(word); free != 0; free &= free - 1) {
      int start = word << WORD_LOG | Long.numberOfTrailingZeros(free);
      if (SizeClasses.of(tags.endOf(start) - start) == sizeClass) {
        return start;
      }
    }
    return NONE;
  }

  /// The first word with a run of a class that is present.
  private int firstWord(int sizeClass) {
    int root = sizeClass;
    while (roots[root] == 0) {
      root += SizeClasses.SMALL;
    }
    int middle = ((root / SizeClasses.SMALL) << 6) | Long.numberOfTrailingZeros(roots[root]);
    int chunk =
        middle << 6 | Long.numberOfTrailingZeros(middles[middle * SizeClasses.SMALL + sizeClass]);
    long bits = tags.chunk(chunk << CHUNK_LOG)[CLASSES + sizeClass];
    return chunk << CHUNK_WORD_LOG | Long.numberOfTrailingZeros(bits);
  }

  /// The first word from one on with a run of a class.
  private int nextWord(int sizeClass, int from) {
    int chunk = from >>> CHUNK_WORD_LOG;
    if (chunk >= tags.chunkCapacity()) {
      return NONE;
    }
    long bits = tags.chunk(chunk << CHUNK_LOG)[CLASSES + sizeClass] & -1L << from;
    if (bits == 0) {
      chunk = nextChunk(sizeClass, chunk + 1);
      if (chunk == NONE) {
        return NONE;
      }
      bits = tags.chunk(chunk << CHUNK_LOG)[CLASSES + sizeClass];
    }
    return chunk << CHUNK_WORD_LOG | Long.numberOfTrailingZeros(bits);
  }

  private int nextChunk(int sizeClass, int from) {
    long mask = -1L << from;
    for (int m = (from >>> 6) * SizeClasses.SMALL + sizeClass; m < middles.length; ) {
      long bits = middles[m] & mask;
      if (bits != 0) {
        return ((m / SizeClasses.SMALL) << 6) | Long.numberOfTrailingZeros(bits);
      }
      mask = -1L;
      m += SizeClasses.SMALL;
    }
    return NONE;
  }
}
