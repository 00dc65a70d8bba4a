// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.BitSet;

/// The blocks of a region that are neither committed nor on the way to or from the system: where a
/// region grows, lowest address first. Guarded by the lock of the core.
///
/* No run of `soughtCount` or more blocks begins before `soughtFrom`, so that growths of one size do
 * not look at the same holes again and again. */
final class UncommittedBlocks {
  /// The answer when there is no such block.
  static final int NONE = -1;

  private final BitSet absent;
  private int soughtCount;
  private int soughtFrom;

  /// All blocks are absent.
  UncommittedBlocks(int blocks) {
    absent = new BitSet(blocks);
    absent.set(0, blocks);
  }

  void add(int first, int end) {
    absent.set(first, end);
    soughtFrom = Math.min(soughtFrom, absent.previousClearBit(first) + 1);
  }

  void remove(int first, int end) {
    absent.clear(first, end);
  }

  boolean contains(int block) {
    return absent.get(block);
  }

  /// Looks for blocks in a row.
  ///
  /// @return the first one of the lowest place, [#NONE] if there is none
  int find(int count) {
    int first = absent.nextSetBit(count < soughtCount ? 0 : soughtFrom);
    while (first != NONE && endOfRun(first) - first < count) {
      first = absent.nextSetBit(endOfRun(first));
    }
    soughtCount = count;
    soughtFrom = first == NONE ? absent.length() : first;
    return first;
  }

  /// The block after those in a row that begin with one.
  int endOfRun(int first) {
    return absent.nextClearBit(first);
  }

  long metadataBytes() {
    return absent.size() / Byte.SIZE;
  }
}
