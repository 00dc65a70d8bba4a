// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.IntRange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Which spans are being written, so that memory of a span that ends meanwhile is not freed before
/// its last writer has left. Works like hazard pointers.
///
/* A short write announces its span in one of a few slots, by one compare-and-set and without the
 * lock. Then it looks its span up in the tables, with the lock or optimistically (see SeqLock). A
 * thread that ends or shrinks a span takes the lock first and looks at the slot afterwards. So one
 * of the two sees the other: the writer finds the lock taken, or its slot is seen. A writer that
 * finds its slot in use, and one that stays longer than a call, is counted under the lock instead.
 *
 * Everything but the slots is guarded by the lock of the core. */
final class WriterSlots {
  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int SLOT_LOG = 4;

  /// Slots are as far apart as cache lines.
  private static final int STRIDE = 8;

  private final long[] slots = new long[STRIDE << SLOT_LOG];
  private final Map<Long, Writing> byPlace = new HashMap<>();

  /// Whether a short write may have left memory behind. Read without the lock.
  private volatile boolean leftBehind;

  /// The writers of a span beside one in a slot, and what was taken from the span meanwhile.
  private static final class Writing {
    int count;
    final List<Withheld> withheld = new ArrayList<>();
  }

  /// Granules of a region that wait for writers.
  ///
  /// @param whole whether they are all of a span that has ended, or the end of one that was shrunk
  record Withheld(Region region, IntRange granules, boolean whole) {}

  private static int slot(long place) {
    return (int) ((place * 0x9E37_79B9_7F4A_7C15L) >>> (Long.SIZE - SLOT_LOG)) * STRIDE;
  }

  /// Announces a short write.
  ///
  /// @return false if the slot is in use
  boolean tryAnnounce(long place) {
    return SLOTS.compareAndSet(slots, slot(place), 0L, place + 1);
  }

  /// Ends a short write.
  ///
  /// @return whether memory may have been left behind, to be collected by [#collect]
  boolean leave(long place) {
    SLOTS.setRelease(slots, slot(place), 0L);
    return leftBehind;
  }

  private boolean isInSlot(long place) {
    return (long) SLOTS.getVolatile(slots, slot(place)) == place + 1;
  }

  /// Tells whether a span is being written.
  boolean isWritten(long place) {
    return isInSlot(place) || (!byPlace.isEmpty() && byPlace.containsKey(place));
  }

  /// Tells whether memory waits for short writes.
  boolean hasLeftBehind() {
    return leftBehind;
  }

  /// Counts a writer.
  void count(long place) {
    byPlace.computeIfAbsent(place, ignored -> new Writing()).count++;
  }

  /// Counts a writer out.
  ///
  /// @return what waited for it
  List<Withheld> discount(long place) {
    Writing writing = byPlace.get(place);
    if (writing == null || --writing.count > 0) {
      return List.of();
    }
    if (isInSlot(place)) {
      leftBehind = true;
      return List.of();
    }
    byPlace.remove(place);
    return writing.withheld;
  }

  /// Keeps granules of a span that is written until its writers have left. A short one may have
  /// looked for them just before, so [#collect] has to follow later too.
  void withhold(long place, Withheld withheld) {
    byPlace.computeIfAbsent(place, ignored -> new Writing()).withheld.add(withheld);
    leftBehind = true;
  }

  /// What short writes have left behind that are over.
  List<Withheld> collect() {
    List<Withheld> collected = new ArrayList<>();
    boolean more = false;
    for (Iterator<Map.Entry<Long, Writing>> all = byPlace.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Writing> entry = all.next();
      Writing writing = entry.getValue();
      if (writing.count > 0 || isInSlot(entry.getKey())) {
        // What is counted tells when it leaves
        more |= isInSlot(entry.getKey()) && !writing.withheld.isEmpty();
      } else {
        collected.addAll(writing.withheld);
        all.remove();
      }
    }
    leftBehind = more;
    return collected;
  }

  /// All granules that are kept now.
  List<Withheld> withheld() {
    return byPlace.values().stream().flatMap(writing -> writing.withheld.stream()).toList();
  }
}
