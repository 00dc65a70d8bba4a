// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeMemory;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The spans of an allocator in all its generations, under one lock: how they begin and end. It
/// knows neither views nor handles, so that it keeps none alive.
///
/* Lock order: Purger, Pool.growing, then the lock of the core, then Mappings. No call to the system
 * is made under the lock of the core.
 *
 * Methods on the way of every allocation and release pass regions and granules, or a place, and no
 * handles, so that a handle that does not escape its caller need not be made. */
final class SpanCore {
  final ReleaseBuffer releases;
  final Mappings mappings = new Mappings();
  final Counters counters = new Counters();
  final Accounts accounts = new Accounts();
  final WriterSlots writers = new WriterSlots();
  final GuardQueue guards = new GuardQueue();
  final RegionDirectory regions = new RegionDirectory();
  final Generations generations;
  final PurgeTimer timer;
  final Decommitter decommitter;
  private final SeqLock lock = new SeqLock();
  private final ReleaseBuffer.Tables tables = new BufferedTables();

  /// Begins without a region.
  ///
  /// @param scheduler runs the ticks of the purger
  /// @param clock tells the time in nanoseconds
  SpanCore(
      JitAllocatorParameters parameters,
      CodeMemory memory,
      PurgeTimer.Scheduler scheduler,
      LongSupplier clock) {
    releases = new ReleaseBuffer(regions);
    generations = new Generations(new Generation(parameters, memory));
    timer = new PurgeTimer(scheduler, clock);
    decommitter = new Decommitter(regions, generations, counters, timer);
  }

  /// Takes the lock and brings the tables up to date.
  void lock() {
    lock.lock();
    if (!releases.isRow()) {
      return;
    }
    try {
      releases.endRow(tables);
    } catch (RuntimeException | Error e) {
      lock.unlock();
      throw e;
    }
  }

  /// Takes the lock while releases of other spans may wait in the [ReleaseBuffer].
  void lockBuffered() {
    lock.lock();
  }

  /// Releases the lock.
  void unlock() {
    lock.unlock();
  }

  /// The lock, for optimistic reads.
  SeqLock readLock() {
    return lock;
  }

  /// The region with a number that a place has.
  Region regionAt(long place) {
    return Objects.requireNonNull(regions.at(Place.ordinal(place)));
  }

  /// The pool in which a span of an account is placed.
  ///
  /// @throws IllegalArgumentException if the size and the alignment exceed a region
  /// @throws IllegalStateException if the allocator has ended or has too many accounts
  Pool poolFor(ViewAccount account, long byteSize, long byteAlignment) {
    generations.checkOpen();
    admit(account);
    return generations.current().poolFor(byteSize, byteAlignment);
  }

  /// Enters a span into all tables that has neither a name nor an arena, for an account that was
  /// admitted.
  void enter(ViewAccount account, Region region, int start, int count) {
    region.hold();
    if (account.number != 0 || !region.isPlain()) {
      region.losePlain();
      region.owners().set(start, account.number);
    }
    counters.add(account, region.bytes(count));
  }

  /// Enters a span into all tables.
  ///
  /// @return its record, null if it needs none
  @Nullable SpanRecord enter(SpanNeeds needs, Region region, int start, int count) {
    // An account without spans may have lost its number while the lock was released
    admit(needs.account());
    enter(needs.account(), region, start, count);
    if (!needs.hasRecord()) {
      return null;
    }
    SpanRecord record = new SpanRecord(region.place(start), needs);
    region.losePlain();
    region.records().add(record);
    if (record.group != null) {
      record.group.add(record);
    }
    if (record.isBound()) {
      record.account.boundCount++;
    }
    return record;
  }

  /// Gives an account a number, before anything is allocated for it.
  ///
  /// @throws IllegalStateException if there are too many accounts
  void admit(ViewAccount account) {
    if (account.number == Accounts.NO_NUMBER) {
      accounts.admit(account);
    }
  }

  /// The account that a live span belongs to.
  ViewAccount owner(Region region, int start) {
    return accounts.at(region.isPlain() ? 0 : region.owners().of(start));
  }

  /// Ends a live span whose handle is the only one, in a plain region. The tables may learn of it
  /// later.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable DeferredWork endUnshared(Region region, int start) {
    return releases.offer(region, start, start, counters.reservedBytes)
        ? buffered()
        : end(region, start, endUnbuffered(region, start), null);
  }

  /// Applies a full buffer. If no other operation comes, the next tick brings the tables up to
  /// date.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  private @Nullable DeferredWork buffered() {
    if (releases.isFull()) {
      releases.apply(tables);
    }
    return releases.hasOne() ? decommitter.requestTick(null) : null;
  }

  /// The granule after a span whose release the buffer did not take, when the tables know of all
  /// shrinks.
  private int endUnbuffered(Region region, int start) {
    if (releases.hasShrinks()) {
      releases.apply(tables);
    }
    return region.endOf(start);
  }

  /// Ends a live span. Its memory stays taken until its last writer has left.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable DeferredWork end(Region region, int start, @Nullable DeferredWork work) {
    return end(region, start, region.endOf(start), work);
  }

  private @Nullable DeferredWork end(
      Region region, int start, int end, @Nullable DeferredWork work) {
    counters.remove(owner(region, start), region.bytes(end - start));
    if (region.isPlain() && !writers.isWritten(region.place(start))) {
      return free(region, start, end, work);
    }
    SpanRecord record = region.records().find(start);
    if (record != null) {
      endRecord(region, record);
    }
    return freeUnlessTaken(region, start, end, work);
  }

  private @Nullable DeferredWork freeUnlessTaken(
      Region region, int start, int end, @Nullable DeferredWork work) {
    long place = region.place(start);
    boolean written = !region.isUnlinked() && writers.isWritten(place);
    if (region.isUnlinked() || written || region.versions().isExhausted(start)) {
      // With an exhausted version it is taken for ever, so the region counts it as held
      region.heap().reserve(start, end);
      return written ? withhold(region, place, new IntRange(start, end), true, work) : work;
    }
    return region.pool().fills()
        ? fillAndFree(region, start, end, DeferredWork.orNew(work))
        : free(region, start, end, work);
  }

  private @Nullable DeferredWork free(
      Region region, int start, int end, @Nullable DeferredWork work) {
    region.unhold();
    int emptied = region.heap().free(start, end);
    if (region.isUnused() && !region.hasUnfilled()) {
      region.heap().resetIfMostlyPending();
    }
    return emptied == RegionHeap.NONE
        ? work
        : decommitter.blockEmptied(region, start, emptied, work);
  }

  private static void endRecord(Region region, SpanRecord record) {
    record.end();
    region.records().remove(record);
    if (record.group != null) {
      record.group.remove(record);
    }
    if (record.isBound()) {
      record.account.boundCount--;
    }
  }

  private DeferredWork fillAndFree(Region region, int start, int end, DeferredWork work) {
    region.unhold();
    region.heap().reserve(start, end);
    decommitter.reclaim(region, new IntRange(start, end), work);
    return work;
  }

  /// Ends a live span in a way that a handle of it cannot observe itself: its version is raised.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable DeferredWork endUnobserved(Region region, int start, @Nullable DeferredWork work) {
    region.losePlain();
    if (!region.isUnlinked()) {
      region.versions().clearShared(start);
      region.versions().raise(start);
    }
    return end(region, start, work);
  }

  /// Shrinks a live span whose handle is the only one, in a plain region. The tables may learn of
  /// it later.
  @Nullable DeferredWork shrinkUnshared(Region region, int start, int newEnd, int end) {
    if (newEnd == end) {
      return null;
    }
    return releases.offer(region, start, newEnd, counters.reservedBytes)
        ? buffered()
        : shrink(region, start, newEnd, endUnbuffered(region, start), null);
  }

  /// Frees the tail of a live span.
  ///
  /// @return what is to be done without the lock, null if there is nothing
  @Nullable DeferredWork shrink(
      Region region, int start, int newEnd, int end, @Nullable DeferredWork work) {
    if (newEnd == end) {
      return work;
    }
    region.heap().split(start, newEnd, end);
    return freeTail(region, start, newEnd, end, work);
  }

  /// Frees what was split off a live span.
  private @Nullable DeferredWork freeTail(
      Region region, int start, int newEnd, int end, @Nullable DeferredWork work) {
    counters.addUsed(owner(region, start), -region.bytes(end - newEnd));
    long place = region.place(start);
    boolean written = writers.isWritten(place);
    if (!written && !region.isUnlinked() && !region.pool().fills()) {
      int emptied = region.heap().free(newEnd, end);
      return emptied == RegionHeap.NONE
          ? work
          : decommitter.blockEmptied(region, newEnd, emptied, work);
    }
    region.heap().reserve(newEnd, end);
    IntRange tail = new IntRange(newEnd, end);
    if (written) {
      return withhold(region, place, tail, false, work);
    }
    DeferredWork own = DeferredWork.orNew(work);
    decommitter.reclaim(region, tail, own);
    return own;
  }

  private @Nullable DeferredWork withhold(
      Region region, long place, IntRange granules, boolean whole, @Nullable DeferredWork work) {
    writers.withhold(place, new WriterSlots.Withheld(region, granules, whole));
    if (!generations.isRetired()) {
      return decommitter.requestTick(work);
    }
    DeferredWork own = DeferredWork.orNew(work);
    own.awaitWriters();
    return own;
  }

  /// Frees what short writes have left behind, under the lock.
  void collectWritten(DeferredWork work) {
    if (writers.hasLeftBehind()) {
      freeWithheld(writers.collect(), work);
    }
  }

  /// Ends a write that was counted in [#writers], under the lock.
  void leaveWriter(long place, DeferredWork work) {
    freeWithheld(writers.discount(place), work);
  }

  private void freeWithheld(List<WriterSlots.Withheld> withheld, DeferredWork work) {
    for (WriterSlots.Withheld range : withheld) {
      Region region = range.region();
      if (!region.versions().isExhausted(range.granules().start())) {
        if (range.whole()) {
          region.unhold();
        }
        decommitter.reclaim(region, range.granules(), work);
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

  /* What is applied decommits nothing, see ReleaseBuffer. The tick that a release requests was
   * requested when the buffer began to fill, unless it could not be scheduled. */
  private final class BufferedTables implements ReleaseBuffer.Tables {
    @Override
    public void endBuffered(Region region, int start, int end) {
      dropTick(end(region, start, end, null));
    }

    @Override
    public void freeBufferedTail(Region region, int start, int newEnd, int end) {
      dropTick(freeTail(region, start, newEnd, end, null));
    }

    private void dropTick(@Nullable DeferredWork work) {
      if (work != null) {
        timer.withdrawRequest();
      }
    }
  }
}
