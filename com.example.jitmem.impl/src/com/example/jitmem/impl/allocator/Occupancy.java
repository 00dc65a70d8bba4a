// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// How many granules of each block of a region are neither free nor pending nor padding, and since
/// when a block has none. Guarded by the lock of the core.
final class Occupancy {
  private final int blockLog;
  private final int[] occupied;
  private final int[] idleSince;

  Occupancy(int blocks, int blockLog) {
    this.blockLog = blockLog;
    occupied = new int[blocks];
    idleSince = new int[blocks];
  }

  /// Counts granules in.
  void add(int start, int end) {
    change(start, end, 1);
  }

  /// Counts granules out.
  ///
  /// @return the last block with none left, [WordTable#NONE] if there is none
  int remove(int start, int end) {
    return change(start, end, -1);
  }

  private int change(int start, int end, int sign) {
    int first = start >>> blockLog;
    int last = (end - 1) >>> blockLog;
    if (first == last) {
      return (occupied[first] += sign * (end - start)) == 0 ? first : WordTable.NONE;
    }
    int emptied = WordTable.NONE;
    int from = start;
    for (int block = first; block <= last; block++) {
      int to = Math.min(end, (block + 1) << blockLog);
      if ((occupied[block] += sign * (to - from)) == 0) {
        emptied = block;
      }
      from = to;
    }
    return emptied;
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
    return 2L * occupied.length * Integer.BYTES;
  }
}
