// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;

import java.util.BitSet;
import java.util.Random;

/// Tags, and beside them the same runs as a bit per granule. The runs touch each other, as those of
/// committed memory do.
final class TagsModel {
  final BoundaryTags tags;

  private final int capacity;
  private final Random random;
  private final BitSet starts = new BitSet();
  private final int[] kinds;

  TagsModel(int capacity, Random random) {
    this.capacity = capacity;
    this.random = random;
    kinds = new int[capacity];
    tags = new BoundaryTags(capacity);
    tags.ensureChunks(0, capacity);
    fill(0, capacity);
  }

  private void set(int start, int end, int kind) {
    tags.setRun(start, end, kind == PENDING ? LIVE : kind);
    // A run becomes pending by having been live
    tags.setKind(start, kind);
    starts.set(start);
    kinds[start] = kind;
  }

  private void fill(int from, int to) {
    boolean small = random.nextInt(3) != 0;
    boolean mostlyPending = random.nextBoolean();
    for (int start = from; start < to; ) {
      int end = Math.min(to, start + 1 + random.nextInt(small ? 6 : 400));
      set(start, end, mostlyPending && random.nextInt(8) != 0 ? PENDING : random.nextInt(4));
      start = end;
    }
  }

  private int anyStart() {
    return starts.previousSetBit(random.nextInt(capacity));
  }

  private int end(int start) {
    int end = starts.nextSetBit(start + 1);
    return end == NONE ? capacity : end;
  }

  private boolean isMergeable(int start) {
    return start != NONE && (kinds[start] == FREE || kinds[start] == PENDING);
  }

  private void checkAround(int from, int to) {
    for (int granule = Math.max(from - 70, 0); granule < Math.min(to + 70, capacity); granule++) {
      check(granule);
    }
  }

  void checkAll() {
    checkAround(0, capacity);
  }

  /// Puts other runs in the place of some that follow each other.
  void replaceRuns() {
    int from = anyStart();
    int to = from;
    for (int i = random.nextInt(40); i >= 0 && to < capacity; i--) {
      int end = end(to);
      tags.clearRun(to);
      starts.clear(to);
      to = end;
    }
    fill(from, to);
    checkAround(from, to);
  }

  void changeKind() {
    int start = anyStart();
    int kind = random.nextInt(4);
    // The start of others than live and pending runs is known in their last word only
    boolean known = kinds[start] == LIVE || kinds[start] == PENDING;
    if (known || (kind != LIVE && kind != PENDING)) {
      tags.setKind(start, kind);
      kinds[start] = kind;
      checkAround(start, end(start));
    }
  }

  private boolean isPendingIn(int word, int start) {
    return start >>> 6 == word && start < capacity && starts.get(start) && kinds[start] == PENDING;
  }

  void joinPendingFrom() {
    int start = anyStart();
    int word = start >>> 6;
    if (!isPendingIn(word, start)) {
      return;
    }
    int end = start;
    while (isPendingIn(word, end)) {
      end = end(end);
    }
    same("joinPendingFrom", start, tags.joinPendingFrom(start), end);
    joined(start, end);
  }

  void joinPendingUpTo() {
    int last = anyStart();
    int word = last >>> 6;
    if (!isPendingIn(word, last)) {
      return;
    }
    int end = end(last);
    int first = last;
    for (int before = last; before != NONE && isPendingIn(word, before); ) {
      first = before;
      before = starts.previousSetBit(first - 1);
    }
    same("joinPendingUpTo", last, tags.joinPendingUpTo(last), first);
    joined(first, end);
  }

  /// What was joined has only the bit of a start, and its end; it is entered again.
  private void joined(int start, int end) {
    starts.clear(start + 1, end);
    same("startsLive", start, tags.startsLive(start), true);
    same("endOf", start, tags.endOf(start), end);
    same("next", start + 1, tags.next(start + 1), end < capacity ? end : NONE);
    for (int inside = start; inside < end; inside++) {
      same("kind", inside, tags.kind(inside), LIVE);
    }
    set(start, end, random.nextBoolean() ? FREE : LIVE);
    checkAround(start, end);
  }

  private void check(int granule) {
    int start = starts.previousSetBit(granule);
    int end = end(start);
    boolean live = kinds[start] == LIVE;
    same("isStart", granule, tags.isStart(granule), start == granule);
    same("findLive", granule, tags.findLive(granule), live ? start : NONE);
    same("walkToStart", granule, tags.walkToStart(granule), start);
    if (live || kinds[start] == PENDING || granule >>> 6 == (end - 1) >>> 6) {
      same("startOf", granule, tags.startOf(granule), start);
    }
    same("next", granule, tags.next(granule), starts.nextSetBit(granule));
    if (start == granule) {
      checkRun(start, end);
    }
  }

  private void checkRun(int start, int end) {
    same("endOf", start, tags.endOf(start), end);
    same("kind", start, tags.kind(start), kinds[start]);
    int before = start == 0 ? NONE : starts.previousSetBit(start - 1);
    same(
        "mergeableBefore", start, tags.mergeableBefore(start), isMergeable(before) ? before : NONE);
    same("startsMergeable", start, tags.startsMergeable(start), isMergeable(start));
    int word = start >>> 6;
    same("freeIn", word, tags.freeIn(word), startsIn(word, FREE));
    same("pendingIn", word, tags.pendingIn(word), startsIn(word, PENDING));
    int live = start;
    while (live != NONE && kinds[live] != LIVE) {
      live = starts.nextSetBit(live + 1);
    }
    same("nextLive", start, tags.nextLive(start), live);
  }

  private long startsIn(int word, int kind) {
    long bits = 0;
    for (int granule = word << 6; granule < (word + 1) << 6; granule++) {
      bits |= starts.get(granule) && kinds[granule] == kind ? 1L << granule : 0;
    }
    return bits;
  }

  private static void same(String what, int at, Object actual, Object expected) {
    if (!actual.equals(expected)) {
      throw new AssertionError(what + "(" + at + "): " + actual + ", not " + expected);
    }
  }
}
