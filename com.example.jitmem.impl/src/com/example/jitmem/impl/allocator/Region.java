// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

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

  final RegionMemory memory;
  final Owners owners;
  final Endings endings;
  final SpanTable records;

  /// Where the core lists it.
  final int ordinal;

  /// All spans it ever had belong to account 0, none has a record, nobody has looked for one, and
  /// memory without spans is not filled: what most regions are, and need not be asked one by one.
  boolean plain;

  private final WordTable words;
  private final long address;
  private final long byteSize;
  private final int granuleLog;

  /// Granules that could not be filled when they became free, and are not used until they can.
  final Deque<UnitRange> unfilled = new ArrayDeque<>();

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
    memory = new RegionMemory(blocks, blockGranules, pool.padding());
    words = memory.granules().words();
    owners = new Owners(words.chunkCapacity());
    endings = new Endings(words.chunkCapacity());
    records = new SpanTable(words.chunkCapacity());
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
    return words.endOf(start);
  }

  /// The live span a granule lies in. Without the lock the answer may be wrong.
  ///
  /// @return its first granule, [WordTable#NONE] if there is none
  int findLive(int granule) {
    int start = granule < words.capacity() ? words.findLive(granule) : WordTable.NONE;
    return start == memory.granules().free().top() ? WordTable.NONE : start;
  }

  /// The first live span that starts at a granule or after it.
  ///
  /// @return its first granule, [WordTable#NONE] if there is none
  int nextLive(int granule) {
    int start = words.nextLive(granule);
    // The wilderness is the last of all runs
    return start == memory.granules().free().top() ? WordTable.NONE : start;
  }

  long committedBytes() {
    return memory.committedBlocks() * pool.blockBytes();
  }

  /// Fills granules with the pattern of the generation, if it has one.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses
  void fill(UnitRange range) {
    if (pool.fillPattern().isPresent() && !range.isEmpty()) {
      code.fill(bytes(range.start()), bytes(range.count()), pool.fillPattern().getAsInt());
    }
  }

  long metadataBytes() {
    return memory.metadataBytes()
        + owners.metadataBytes()
        + endings.metadataBytes()
        + records.metadataBytes();
  }
}
