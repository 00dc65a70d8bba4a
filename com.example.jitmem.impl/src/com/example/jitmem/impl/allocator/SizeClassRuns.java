// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Free runs found by their length, lowest address first.
///
/* Notation: a run is marked twice, at its first unit in `starts` and at its last one in `lasts`.
 * So neighbours are joined by looking at two bits, and the ends of the run around any unit are one
 * search to each side. The units are divided into words of 64; `index[c]` holds the words in which
 * a run of size class c starts. */
final class SizeClassRuns implements FreeRuns {
  /// How many words of a class that may hold a fitting run are looked at before a class that does.
  private static final int PROBES = 4;

  private final int capacity;
  private final BitTree starts;
  private final BitTree lasts;
  private final @Nullable BitTree[] index = new @Nullable BitTree[SizeClasses.COUNT];
  private final BitTree classes = new BitTree(SizeClasses.COUNT);

  SizeClassRuns(int capacity) {
    this.capacity = capacity;
    starts = new BitTree(capacity);
    lasts = new BitTree(capacity);
  }

  @Override
  public void free(int start, int count) {
    int from = start;
    int to = start + count;
    if (start > 0 && lasts.get(start - 1)) {
      from = starts.previous(start - 1);
      remove(from, start - from);
    }
    if (to < capacity && starts.get(to)) {
      int end = lasts.next(to) + 1;
      remove(to, end - to);
      to = end;
    }
    add(from, to - from);
  }

  @Override
  public void take(int start, int count) {
    int from = starts.previous(start);
    int to = lasts.next(start) + 1;
    remove(from, to - from);
    if (from < start) {
      add(from, start - from);
    }
    if (start + count < to) {
      add(start + count, to - start - count);
    }
  }

  @Override
  public int find(int count, int alignment) {
    long sure = (long) count + alignment - 1;
    int surely = sure > capacity ? SizeClasses.COUNT : SizeClasses.atLeast((int) sure);
    for (int c = classes.next(SizeClasses.of(count)); c != NONE; c = classes.next(c + 1)) {
      int place = findIn(c, count, alignment, c < surely ? PROBES : 1);
      if (place != NONE) {
        return place;
      }
    }
    return NONE;
  }

  @Override
  public int startOf(int unit) {
    int start = starts.previous(unit);
    return start == NONE || lasts.next(start) < unit ? NONE : start;
  }

  @Override
  public int endOf(int unit) {
    return lasts.next(unit) + 1;
  }

  @Override
  public int next(int unit) {
    return starts.next(unit);
  }

  @Override
  public long metadataBytes() {
    long sum = starts.metadataBytes() + lasts.metadataBytes() + classes.metadataBytes();
    for (BitTree words : index) {
      if (words != null) {
        sum += words.metadataBytes();
      }
    }
    return sum;
  }

  @Override
  public void check() {
    int runs = 0;
    int end = -1;
    BitTree[] found = new BitTree[SizeClasses.COUNT];
    Arrays.setAll(found, ignored -> new BitTree((capacity + 63) >>> 6));
    for (int start = starts.next(0); start != NONE; start = starts.next(end)) {
      require(start > end, "runs touch at " + start);
      int next = starts.next(start + 1);
      end = lasts.next(start) + 1;
      require(end > start && end <= capacity && (next == NONE || next >= end), "a run has no end");
      found[SizeClasses.of(end - start)].set(start >> 6);
      runs++;
    }
    for (int last = lasts.next(0); last != NONE; last = lasts.next(last + 1)) {
      runs--;
    }
    require(runs == 0, "a run has no start");
    for (int c = 0; c < SizeClasses.COUNT; c++) {
      require(
          classes.get(c) == (found[c].next(0) != NONE), "size class " + c + " is marked wrongly");
      BitTree words = index[c] == null ? found[c] : index[c];
      require(index[c] != null || words.next(0) == NONE, "size class " + c + " is missing");
      int word = words.next(0);
      for (int expected = found[c].next(0);
          expected != NONE;
          expected = found[c].next(expected + 1)) {
        require(word == expected, "size class " + c + " lists wrong runs");
        word = words.next(word + 1);
      }
      require(word == NONE, "size class " + c + " lists too many runs");
    }
  }

  private static void require(boolean condition, String fault) {
    if (!condition) {
      throw new IllegalStateException("The free runs are wrong: " + fault);
    }
  }

  private int findIn(int sizeClass, int count, int alignment, int probes) {
    BitTree words = Objects.requireNonNull(index[sizeClass]);
    int word = words.next(0);
    for (int probe = 0; probe < probes && word != NONE; probe++) {
      for (long bits = starts.word(word); bits != 0; bits &= bits - 1) {
        int start = word << 6 | Long.numberOfTrailingZeros(bits);
        long place = (start + alignment - 1L) & -alignment;
        int end = lasts.next(start) + 1;
        if (SizeClasses.of(end - start) == sizeClass && place + count <= end) {
          return (int) place;
        }
      }
      word = words.next(word + 1);
    }
    return NONE;
  }

  private void add(int start, int count) {
    starts.set(start);
    lasts.set(start + count - 1);
    int sizeClass = SizeClasses.of(count);
    BitTree words = index[sizeClass];
    if (words == null) {
      words = new BitTree((capacity + 63) >>> 6);
      index[sizeClass] = words;
    }
    words.set(start >> 6);
    classes.set(sizeClass);
  }

  private void remove(int start, int count) {
    starts.clear(start);
    int sizeClass = SizeClasses.of(count);
    boolean others = false;
    for (long bits = starts.word(start >> 6); bits != 0 && !others; bits &= bits - 1) {
      int other = start >> 6 << 6 | Long.numberOfTrailingZeros(bits);
      others = SizeClasses.of(lasts.next(other) + 1 - other) == sizeClass;
    }
    lasts.clear(start + count - 1);
    if (!others) {
      BitTree words = Objects.requireNonNull(index[sizeClass]);
      words.clear(start >> 6);
      if (words.next(0) == NONE) {
        classes.clear(sizeClass);
      }
    }
  }
}
