// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Which blocks of a region are committed, and which of them begin with padding: the first of each
/// committed run, unless padding is disabled. Guarded by the lock of the core.
final class CommittedBlocks {
  private final int blocks;
  private final boolean padding;
  private final BitTree committed;
  private final BitTree padded;

  CommittedBlocks(int blocks, boolean padding) {
    this.blocks = blocks;
    this.padding = padding;
    committed = new BitTree(blocks);
    padded = new BitTree(blocks);
  }

  int capacity() {
    return blocks;
  }

  boolean contains(int block) {
    return block >= 0 && block < blocks && committed.get(block);
  }

  boolean isPadded(int block) {
    return block >= 0 && block < blocks && padded.get(block);
  }

  /// Adds blocks, of which the first has padding unless it follows a committed one.
  void add(int first, int end) {
    for (int block = first; block < end; block++) {
      committed.set(block);
    }
    if (padding && !contains(first - 1)) {
      padded.set(first);
    }
  }

  void remove(int first, int end) {
    for (int block = first; block < end; block++) {
      committed.clear(block);
    }
    padded.clear(first);
  }

  void setPadded(int block, boolean isPadded) {
    if (isPadded) {
      padded.set(block);
    } else {
      padded.clear(block);
    }
  }

  /// The first committed block from one on, [BitTree#NONE] if there is none.
  int next(int block) {
    return committed.next(block);
  }

  /// The last committed block up to one, [BitTree#NONE] if there is none.
  int previous(int block) {
    return committed.previous(block);
  }

  /// The end of the committed run that begins at a block.
  int endOfRun(int first) {
    int end = first;
    while (contains(end)) {
      end++;
    }
    return end;
  }

  long metadataBytes() {
    return committed.metadataBytes() + padded.metadataBytes();
  }
}
