// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/// One region with its tables. Guarded by the lock of the core, unless a field says otherwise.
final class Region {
  final CodeRegion code;

  /// All of it where it is executed, in the global scope.
  final MemorySegment rx;

  final Pool pool;

  /// It was reserved where a span had to lie, and is left to spans that have to lie there.
  final boolean near;

  final RegionHeap heap;
  final Owners owners;
  final SpanVersions versions;
  final SpanRecords records;

  /// Where the core lists it.
  final int ordinal;

  /// All spans it ever had belong to account 0, none has a record, nobody has looked for one, and
  /// memory without spans is not filled: what most regions are, and need not be asked one by one.
  boolean plain;

  private final long address;
  private final long byteSize;
  private final int granuleLog;

  /// Granules that could not be filled when they became free, and are not used until they can.
  final Deque<IntRange> unfilled = new ArrayDeque<>();

  /// Spans whose memory was not given back: live ones, and ended ones with a writer or not filled
  /// yet.
  int held;

  /// Changes in progress without the lock.
  int busy;

  /// The tick of the purger in which a block of it became empty last.
  int emptiedLast;

  /// Nothing of it is used any more, or only by code that the allocator has no say over. Read
  /// without the lock.
  volatile boolean gone;

  /// The system has refused to take blocks back, which was logged. Read without the lock.
  volatile boolean decommitRefused;

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

  long address() {
    return address;
  }

  long byteSize() {
    return byteSize;
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

  /// The live span a granule lies in. Without the lock the answer may be wrong.
  ///
  /// @return its first granule, [RegionHeap#NONE] if there is none
  int findLive(int granule) {
    return heap.findLive(granule);
  }

  /// The first live span that starts at a granule or after it.
  ///
  /// @return its first granule, [RegionHeap#NONE] if there is none
  int nextLive(int granule) {
    return heap.nextLive(granule);
  }

  long committedBytes() {
    return heap.committedBlocks() * pool.blockBytes();
  }

  /// Fills granules with the pattern of the generation, if it has one.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses
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
