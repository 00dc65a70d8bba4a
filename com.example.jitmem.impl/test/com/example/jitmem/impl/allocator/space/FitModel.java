// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What a search for free runs answers, written as one that looks at every run.
final class FitModel {
  /// So many places are probed among runs of which not all fit.
  private static final int PROBES = 4;

  /// Ends by starts.
  private final NavigableMap<Integer, Integer> runs = new TreeMap<>();

  void add(int start, int end) {
    runs.put(start, end);
  }

  void remove(int start) {
    runs.remove(start);
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  private IntStream starts(int sizeClass) {
    return runs.entrySet().stream()
        .filter(run -> SizeClasses.of(run.getValue() - run.getKey()) == sizeClass)
        .mapToInt(run -> run.getKey());
  }

  private static int align(int granule, int alignment) {
    return (granule + alignment - 1) / alignment * alignment;
  }

  private int end(int start) {
    return runs.getOrDefault(start, NONE);
  }

  private IntStream placesIn(IntStream starts, int count, int alignment) {
    return starts
        .filter(start -> align(start, alignment) + count <= end(start))
        .map(start -> align(start, alignment));
  }

  /// The search among runs of 8,192 granules and more.
  int findLarge(int count, int alignment) {
    int surely = SizeClasses.atLeast(count + alignment - 1);
    for (int c = Math.max(SizeClasses.of(count), SizeClasses.SMALL); c < SizeClasses.COUNT; c++) {
      IntStream probed = starts(c).limit(c < surely ? PROBES : 1);
      int place = placesIn(probed, count, alignment).findFirst().orElse(NONE);
      if (place != NONE) {
        return place;
      }
    }
    return NONE;
  }

  /// The first place in the first words with a run of a class. Other runs of these words count too.
  private int probe(int sizeClass, int count, int alignment) {
    IntStream words = starts(sizeClass).map(start -> start / 64).distinct().limit(PROBES);
    IntStream probed =
        words.flatMap(
            word -> runs.subMap(word * 64, word * 64 + 64).keySet().stream().mapToInt(s -> s));
    return placesIn(probed, count, alignment).findFirst().orElse(NONE);
  }

  int find(int count) {
    int sizeClass = SizeClasses.of(count);
    if (sizeClass >= SizeClasses.SMALL) {
      return findLarge(count, 1);
    }
    if (count > SizeClasses.EXACT) {
      int place = probe(sizeClass, count, 1);
      if (place != NONE) {
        return place;
      }
      sizeClass++;
    }
    return IntStream.range(sizeClass, SizeClasses.SMALL)
        .flatMap(this::starts)
        .findFirst()
        .orElseGet(() -> findLarge(count, 1));
  }

  int find(int count, int alignment) {
    int sure = count + alignment - 1;
    if (sure < SizeClasses.SHORTEST_LARGE) {
      for (int c = SizeClasses.of(count); c < SizeClasses.atLeast(sure); c++) {
        int place = probe(c, count, alignment);
        if (place != NONE) {
          return place;
        }
      }
      int start = find(sure);
      if (start != NONE) {
        return align(start, alignment);
      }
    }
    return findLarge(count, alignment);
  }
}
