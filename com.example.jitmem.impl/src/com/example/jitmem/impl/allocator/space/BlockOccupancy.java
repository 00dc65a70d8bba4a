// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;

/// How many granules of each block of a region are neither free nor pending nor padding, and since
/// when a block has none. Guarded by the lock of the core.
final class BlockOccupancy {
  private final int blockLog;
  private final int[] occupied;
  private final int[] idleSince;

  /// Blocks that became empty, as bits: all empty ones, and some that were filled again since and
  /// are cleared when a search finds them.
  private final long[] emptied;

  BlockOccupancy(int blocks, int blockLog) {
    this.blockLog = blockLog;
    occupied = new int[blocks];
    idleSince = new int[blocks];
    emptied = new long[(blocks + 63) >>> 6];
  }

  /// Counts granules in.
  void add(int start, int end) {
    change(start, end, 1);
  }

  /// Counts granules out.
  ///
  /// @return the last block with none left, [BoundaryTags#NONE] if there is none
  int remove(int start, int end) {
    return change(start, end, -1);
  }

  private int change(int start, int end, int sign) {
    int first = start >>> blockLog;
    int last = (end - 1) >>> blockLog;
    if (first == last) {
      return change(first, sign * (end - start));
    }
    int lastEmptied = NONE;
    int from = start;
    for (int block = first; block <= last; block++) {
      int to = Math.min(end, (block + 1) << blockLog);
      lastEmptied = Math.max(lastEmptied, change(block, sign * (to - from)));
      from = to;
    }
    return lastEmptied;
  }

  private int change(int block, int granules) {
    if ((occupied[block] += granules) != 0) {
      return NONE;
    }
    emptied[block >>> 6] |= 1L << block;
    return block;
  }

  /// The first block from one on that had none left once and was not forgotten since.
  ///
  /// @return the block, [BoundaryTags#NONE] if there is none
  int nextEmptied(int from) {
    long mask = -1L << from;
    for (int word = from >>> 6; word < emptied.length; word++) {
      long bits = emptied[word] & mask;
      if (bits != 0) {
        return word << 6 | Long.numberOfTrailingZeros(bits);
      }
      mask = -1L;
    }
    return NONE;
  }

  /// Forgets that a block had none left, as it has some, or is not committed.
  void forgetEmptied(int block) {
    emptied[block >>> 6] &= ~(1L << block);
  }

  /// Counts all granules of a block out.
  void clear(int block) {
    occupied[block] = 0;
  }

  int of(int block) {
    return occupied[block];
  }

  /// Notes the tick of the purger in which a block became empty.
  void noteIdle(int block, int tick) {
    idleSince[block] = tick;
  }

  /// The tick noted last.
  int idleSince(int block) {
    return idleSince[block];
  }

  long metadataBytes() {
    return 2L * occupied.length * Integer.BYTES + (long) emptied.length * Long.BYTES;
  }
}
