// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.ArrayDeque;
import java.util.Deque;

/// One region with its tables. Guarded by the lock of the core.
final class Region {
  final CodeRegion code;
  final Pool pool;
  final RegionMemory memory;
  final SpanTable spans;
  private final long address;

  /// Granules that could not be filled when they became free, and are not used until they can.
  final Deque<UnitRange> unfilled = new ArrayDeque<>();

  /// Spans whose memory was not given back: live ones, and ended ones with a writer or not filled
  /// yet.
  int held;

  /// Changes in progress without the lock.
  int busy;

  /// Nothing of it is used any more, or only by code that the allocator has no say over.
  boolean gone;

  /// The system has refused to take blocks back; there may be more empty ones than the rule says.
  boolean decommitRefused;

  Region(CodeRegion code, Pool pool) {
    this.code = code;
    this.pool = pool;
    address = code.rx().address();
    int blockGranules = Math.toIntExact(pool.blockBytes() / pool.granuleBytes());
    int blocks = Math.toIntExact(code.rx().byteSize() / pool.blockBytes());
    memory = new RegionMemory(blocks, blockGranules, pool.padding());
    spans = new SpanTable(blocks * blockGranules);
  }

  long address() {
    return address;
  }

  long byteSize() {
    return code.rx().byteSize();
  }

  long bytes(int granules) {
    return (long) granules * pool.granuleBytes();
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
    return memory.metadataBytes() + spans.metadataBytes();
  }
}
