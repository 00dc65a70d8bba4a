// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The spans of an allocator in all its generations, under one lock. It knows neither views nor
/// arenas, so that it keeps none alive.
///
/* A place is the number of a region and the first granule of a span, as one long. Methods on the
 * way of every allocation and release pass regions and granules and no handles, so that a handle
 * that does not escape its caller need not be made. */
final class SpanCore {
  /// Taken by [#lock()], which brings the tables up to date.
  final CoreLock lock = new CoreLock();

  final ReleaseBuffer releases = new ReleaseBuffer();
  final Mappings mappings = new Mappings();
  final Counters counters = new Counters();
  final Accounts accounts = new Accounts();
  final Writers writers = new Writers();
  final Purger purger;
  final RegionDirectory regions = new RegionDirectory();
  final Map<JitAllocatorParameters, Generation> generations = new HashMap<>();
  private Generation current;

  /// The region of the last [#tryAllocate] that succeeded.
  @Nullable Region placedIn;

  /// No new spans are placed. Guarded by the lock.
  boolean retired;

  /// Begins without a region.
  ///
  /// @param later runs the ticks of the purger
  SpanCore(JitAllocatorParameters parameters, CodeMemory memory, Executor later) {
    purger = new Purger(this, later);
    current = new Generation(this, parameters, memory);
    generations.put(parameters, current);
  }

  /// Takes the lock, with tables that know of every release.
  void lock() {
    lock.lock();
    if (!releases.isRow()) {
      return;
    }
    try {
      releases.endRow(this);
    } catch (RuntimeException | Error e) {
      lock.unlock();
      throw e;
    }
  }

  void unlock() {
    lock.unlock();
  }

  static long place(Region region, int start) {
    return (long) region.ordinal << 32 | start;
  }

  Generation current() {
    return current;
  }

  /// Refuses new spans after the end of the allocator.
  void checkOpen() {
    if (retired) {
      throw new IllegalStateException("The allocator has ended");
    }
  }

  /// Makes a generation the one of spans to come.
  void makeCurrent(Generation generation, Reclaimer reclaimer) {
    Generation former = current;
    if (former != generation) {
      generation.draining = false;
      generations.put(generation.requested, generation);
      current = generation;
      former.drain(reclaimer);
      dropIfOver(former);
    }
  }

  void dropIfOver(Generation generation) {
    if (generation != current && generation.isOver()) {
      generations.remove(generation.requested, generation);
    }
  }

  /// Takes a region out of the tables.
  void forget(Region region) {
    regions.remove(region);
    if (placedIn == region) {
      placedIn = null;
    }
    counters.addReserved(-region.committedBytes());
    dropIfOver(region.pool.generation);
  }

  /// Allocates a span that its caller closes, where memory is free already. Needs the lock.
  ///
  /// @return its first granule in the region [#placedIn], [RegionHeap#NONE] if memory has to be
  ///     coalesced or committed first
  /// @throws IllegalArgumentException if the size exceeds a region
  /// @throws IllegalStateException if the allocator has ended
  int tryAllocate(ViewAccount account, long byteSize) {
    checkOpen();
    admit(account);
    Pool pool = current.poolFor(byteSize, 1);
    int count = pool.granules(byteSize);
    int start = pool.take(count);
    Region region = pool.hot;
    if (start == RegionHeap.NONE || region == null) {
      return RegionHeap.NONE;
    }
    if (placedIn != region) {
      placedIn = region;
    }
    region.held++;
    enter(account, region, start, region.bytes(count));
    return start;
  }

  /// Enters a span into all tables.
  ///
  /// @return its record, null if it needs none
  @Nullable SpanRecord enter(SpanNeeds needs, Region region, int start, int count) {
    region.held++;
    enter(needs.account(), region, start, region.bytes(count));
    if (!needs.hasRecord()) {
      return null;
    }
    SpanRecord record = new SpanRecord(region, start, needs);
    region.plain = false;
    region.records.add(record);
    if (record.group != null) {
      record.group.add(record);
      record.account.scopedCount++;
    }
    return record;
  }

  private void enter(ViewAccount account, Region region, int start, long byteSize) {
    admit(account);
    if (account.number != 0 || !region.plain) {
      region.plain = false;
      region.owners.set(start, account.number);
    }
    counters.add(account, byteSize);
  }

  /// Gives an account a number, before anything is taken for it.
  ///
  /// @throws IllegalStateException if there are too many accounts
  void admit(ViewAccount account) {
    if (account.number == Accounts.NO_NUMBER) {
      accounts.admit(account);
    }
  }

  /// To whom a live span belongs.
  ViewAccount owner(Region region, int start) {
    return accounts.at(region.owners.of(start));
  }

  /// Ends a live span of a plain region, under the lock. The tables may learn of it later.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer endPlain(Region region, int start) {
    if (!releases.takes(region, start, counters.reservedBytes)) {
      releases.enterCuts(this);
      return end(region, start, null);
    }
    releases.add(this, region, start, start);
    return null;
  }

  /// Ends a live span, under the lock. Its memory stays its own until nobody writes to it.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer end(Region region, int start, @Nullable Reclaimer reclaimer) {
    return end(region, start, region.endOf(start), reclaimer);
  }

  /// As [#end(Region, int, Reclaimer)] for who knows where the span ends.
  @Nullable Reclaimer end(Region region, int start, int end, @Nullable Reclaimer reclaimer) {
    ViewAccount account = owner(region, start);
    counters.remove(account, region.bytes(end - start));
    if (region.plain && !writers.isWritten(place(region, start))) {
      return release(region, start, end, reclaimer);
    }
    SpanRecord record = region.records.find(start);
    if (record != null) {
      endRecord(record);
    }
    if (region.gone) {
      region.heap.reserve(start, end);
      return reclaimer;
    }
    long place = place(region, start);
    if (writers.isWritten(place)) {
      region.heap.reserve(start, end);
      withhold(region, place, new IntRange(start, end), true);
      return reclaimer;
    }
    if (region.versions.isExhausted(start)) {
      // Taken for ever, so the region counts it as held
      region.heap.reserve(start, end);
      return reclaimer;
    }
    return region.pool.fills()
        ? fillAndFree(region, start, end, orNew(reclaimer))
        : release(region, start, end, reclaimer);
  }

  private static @Nullable Reclaimer release(
      Region region, int start, int end, @Nullable Reclaimer reclaimer) {
    region.held--;
    int emptied = region.heap.free(start, end);
    if (region.held == 0 && region.busy == 0 && region.unfilled.isEmpty()) {
      region.heap.resetIfMostlyPending();
    }
    return settle(region, start, emptied, reclaimer);
  }

  /// Applies the policy of the pool to blocks that may have been emptied.
  private static @Nullable Reclaimer settle(
      Region region, int start, int emptied, @Nullable Reclaimer reclaimer) {
    return emptied == RegionHeap.NONE
        ? reclaimer
        : region.pool.policy.emptied(region, start, emptied, reclaimer);
  }

  private static void endRecord(SpanRecord record) {
    record.end();
    record.region.records.remove(record);
    if (record.group != null) {
      record.group.remove(record);
      record.account.scopedCount--;
    }
  }

  private static Reclaimer fillAndFree(Region region, int start, int end, Reclaimer reclaimer) {
    region.held--;
    region.heap.reserve(start, end);
    reclaimer.reclaim(region, new IntRange(start, end));
    return reclaimer;
  }

  private Reclaimer orNew(@Nullable Reclaimer reclaimer) {
    return reclaimer != null ? reclaimer : new Reclaimer(this);
  }

  /// Ends a live span in a way that handles of it cannot know, under the lock.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer endUnknown(Region region, int start, @Nullable Reclaimer reclaimer) {
    region.plain = false;
    if (!region.gone) {
      region.versions.clearShared(start);
      region.versions.raise(start);
    }
    return end(region, start, reclaimer);
  }

  /// As [#shrink] for a span of a plain region. The tables may learn of it later.
  @Nullable Reclaimer shrinkPlain(SpanHandle span, long newByteSize) {
    if (!releases.takes(span.region, span.start, counters.reservedBytes)) {
      releases.enterCuts(this);
      return shrink(span, newByteSize, null);
    }
    int newEnd = span.limitOf(newByteSize);
    if (newEnd != span.limit()) {
      span.lowerLimit(newEnd);
      releases.add(this, span.region, span.start, newEnd);
    }
    return null;
  }

  /// Gives the end of a live span back, under the lock.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer shrink(SpanHandle span, long newByteSize, @Nullable Reclaimer reclaimer) {
    int end = span.limit();
    int newEnd = span.limitOf(newByteSize);
    if (newEnd == end) {
      return reclaimer;
    }
    span.lowerLimit(newEnd);
    span.region.heap.split(span.start, newEnd, end);
    return endTail(span.region, span.start, newEnd, end, reclaimer);
  }

  /// Releases what was split off a live span, under the lock.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable Reclaimer endTail(
      Region region, int start, int newEnd, int end, @Nullable Reclaimer reclaimer) {
    counters.addUsed(owner(region, start), -region.bytes(end - newEnd));
    long place = place(region, start);
    boolean written = writers.isWritten(place);
    if (!written && !region.gone && !region.pool.fills()) {
      return settle(region, newEnd, region.heap.free(newEnd, end), reclaimer);
    }
    region.heap.reserve(newEnd, end);
    IntRange tail = new IntRange(newEnd, end);
    if (written) {
      withhold(region, place, tail, false);
      return reclaimer;
    }
    Reclaimer work = orNew(reclaimer);
    work.reclaim(region, tail);
    return work;
  }

  private void withhold(Region region, long place, IntRange granules, boolean whole) {
    writers.withhold(place, new Writers.Withheld(region, granules, whole));
    purger.request();
  }

  /// Counts a writer of a span.
  ///
  /// @throws IllegalStateException if the span has ended
  void enter(SpanHandle span) {
    lock();
    try {
      span.checkLive();
      writers.count(place(span.region, span.start));
    } finally {
      unlock();
    }
  }

  /// Ends a write that was counted in [#writers].
  void leave(long place) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock();
    try {
      giveBack(writers.discount(place), reclaimer);
    } finally {
      unlock();
    }
    reclaimer.run();
  }

  /// Gives back what short writes have left behind.
  void collect() {
    Reclaimer reclaimer = new Reclaimer(this);
    lock();
    try {
      collect(reclaimer);
    } finally {
      unlock();
    }
    reclaimer.run();
  }

  /// As [#collect()], under the lock.
  void collect(Reclaimer reclaimer) {
    if (writers.hasLeftBehind()) {
      giveBack(writers.collect(), reclaimer);
    }
  }

  private static void giveBack(List<Writers.Withheld> withheld, Reclaimer reclaimer) {
    for (Writers.Withheld range : withheld) {
      Region region = range.region();
      if (!region.versions.isExhausted(range.granules().start())) {
        region.held -= range.whole() ? 1 : 0;
        reclaimer.reclaim(region, range.granules());
      }
    }
  }

  /// The views with live spans.
  List<Holding> holdings() {
    lock();
    try {
      return accounts.holdings();
    } finally {
      unlock();
    }
  }
}
