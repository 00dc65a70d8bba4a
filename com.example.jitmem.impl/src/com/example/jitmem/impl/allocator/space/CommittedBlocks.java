// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.BitSet;

/// Which blocks of a region are committed, and which of them begin with padding: the first of each
/// committed run, unless padding is disabled. Guarded by the lock of the core.
final class CommittedBlocks {
  private final boolean padding;
  private final BitSet committed;
  private final BitSet padded;

  CommittedBlocks(int blocks, boolean padding) {
    this.padding = padding;
    committed = new BitSet(blocks);
    padded = new BitSet(blocks);
  }

  boolean contains(int block) {
    return block >= 0 && committed.get(block);
  }

  boolean isPadded(int block) {
    return block >= 0 && padded.get(block);
  }

  /// Adds blocks, of which the first has padding unless it follows a committed one.
  void add(int first, int end) {
    committed.set(first, end);
    if (padding && !contains(first - 1)) {
      padded.set(first);
    }
  }

  void remove(int first, int end) {
    committed.clear(first, end);
    padded.clear(first);
  }

  void setPadded(int block, boolean isPadded) {
    padded.set(block, isPadded);
  }

  /// The first committed block from one on, [UncommittedBlocks#NONE] if there is none.
  int next(int block) {
    return committed.nextSetBit(block);
  }

  /// The last committed block up to one, [UncommittedBlocks#NONE] if there is none.
  int previous(int block) {
    return committed.previousSetBit(block);
  }

  /// The end of the committed run that begins at a block.
  int endOfRun(int first) {
    return committed.nextClearBit(first);
  }

  long metadataBytes() {
    return ((long) committed.size() + padded.size()) / Byte.SIZE;
  }
}
