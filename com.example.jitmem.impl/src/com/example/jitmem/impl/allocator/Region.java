// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// One reserved range of addresses with its heap and the tables of its spans: owners, versions,
/// records.
///
/// Guarded by the lock of the core, unless a method says otherwise.
final class Region {
  private final CodeRegion code;
  private final MemorySegment rx;
  private final Pool pool;
  private final boolean near;
  private final int ordinal;
  private final long address;
  private final long byteSize;
  private final int granuleLog;
  private final RegionHeap heap;
  private final Owners owners;
  private final SpanVersions versions;
  private final SpanRecords records;

  /// Granules that could not be filled when they became free, and are not used until they can.
  private final Deque<IntRange> unfilled = new ArrayDeque<>();

  /// Spans whose memory was not freed: live ones, and ended ones with a writer or not filled yet.
  private int held;

  /// Commits, decommits and fills in progress without the lock.
  private int changes;

  private int emptiedLast;

  /// All spans it ever had belong to account 0, none has a record or a second handle, and unused
  /// memory is not filled. Most regions are plain, and their spans need not be looked up one by
  /// one.
  private boolean plain;

  private volatile boolean unlinked;
  private volatile boolean decommitRefused;

  /// Makes a region without spans.
  ///
  /// @param near it was reserved in a vicinity, and is left to spans that have to lie there
  /// @param ordinal a number that no other region of the allocator has
  Region(CodeRegion code, Pool pool, boolean near, int ordinal) {
    this.code = code;
    this.pool = pool;
    this.near = near;
    this.ordinal = ordinal;
    plain = !pool.fills();
    rx = code.rx();
    address = rx.address();
    byteSize = rx.byteSize();
    granuleLog = Integer.numberOfTrailingZeros(pool.granuleBytes());
    int blockGranules = Math.toIntExact(pool.blockBytes() >>> granuleLog);
    int blocks = Math.toIntExact(byteSize / pool.blockBytes());
    heap = new RegionHeap(blocks, blockGranules, pool.padding());
    owners = new Owners(heap.capacity());
    versions = new SpanVersions(heap.capacity());
    records = new SpanRecords(heap.capacity());
  }

  /// The memory behind it. May be used without the lock.
  CodeRegion code() {
    return code;
  }

  /// All of it where it is executed, in the global scope.
  MemorySegment rx() {
    return rx;
  }

  Pool pool() {
    return pool;
  }

  /// Tells whether it is left to spans that have to lie in a vicinity.
  boolean isNear() {
    return near;
  }

  /// Tells whether a span may lie in the region.
  ///
  /// @param vicinity where the span has to lie, null if it may lie anywhere
  boolean mayHold(@Nullable Vicinity vicinity) {
    return vicinity == null ? !near : vicinity.contains(rx());
  }

  int ordinal() {
    return ordinal;
  }

  /// The place of a granule of the region.
  long place(int start) {
    return Place.of(ordinal, start);
  }

  long address() {
    return address;
  }

  long byteSize() {
    return byteSize;
  }

  RegionHeap heap() {
    return heap;
  }

  Owners owners() {
    return owners;
  }

  SpanVersions versions() {
    return versions;
  }

  SpanRecords records() {
    return records;
  }

  long bytes(int granules) {
    return (long) granules << granuleLog;
  }

  int granule(long offset) {
    return (int) (offset >>> granuleLog);
  }

  /// The granule after a span. Without the lock the answer may be wrong.
  int endOf(int start) {
    return heap.endOf(start);
  }

  boolean isPlain() {
    return plain;
  }

  /// Notes that a span of the region is more than plain, for good.
  void losePlain() {
    plain = false;
  }

  /// Counts a span that takes memory.
  void hold() {
    held++;
  }

  /// Counts out a span whose memory was freed.
  void unhold() {
    held--;
  }

  int held() {
    return held;
  }

  /// Begins a change that goes on without the lock.
  void beginChange() {
    changes++;
  }

  void endChange() {
    changes--;
  }

  boolean isChanging() {
    return changes > 0;
  }

  /// Tells whether it holds no span and is not being changed.
  boolean isUnused() {
    return held == 0 && changes == 0;
  }

  /// Sets granules aside until they can be filled.
  void addUnfilled(IntRange granules) {
    unfilled.add(granules);
  }

  /// Takes granules that were set aside.
  @Nullable IntRange pollUnfilled() {
    return unfilled.poll();
  }

  boolean hasUnfilled() {
    return !unfilled.isEmpty();
  }

  /// Notes the tick of the purger in which blocks became empty.
  void noteIdle(int first, int end, int tick) {
    heap.noteIdle(first, end, tick);
    emptiedLast = tick;
  }

  /// The tick in which a block became empty last.
  int emptiedLast() {
    return emptiedLast;
  }

  /// Takes the region out of use. Its code may continue to run, but nothing is allocated or freed
  /// in it any more.
  void unlink() {
    unlinked = true;
    plain = false;
  }

  /// Tells whether it was taken out of use. May be asked without the lock.
  boolean isUnlinked() {
    return unlinked;
  }

  /// Notes that the system has refused to decommit blocks.
  ///
  /// @return whether that is the first time
  boolean noteDecommitRefused() {
    boolean first = !decommitRefused;
    decommitRefused = true;
    return first;
  }

  long committedBytes() {
    return heap.committedBlocks() * pool.blockBytes();
  }

  /// Fills granules with the pattern of the generation, if it has one. Must be called without the
  /// lock.
  ///
  /// @throws VirtMemException if the system refuses
  void fill(IntRange range) {
    if (pool.fillPattern().isPresent() && !range.isEmpty()) {
      code.fill(bytes(range.start()), bytes(range.count()), pool.fillPattern().getAsInt());
    }
  }

  long metadataBytes() {
    return heap.metadataBytes()
        + owners.metadataBytes()
        + versions.metadataBytes()
        + records.metadataBytes();
  }
}
