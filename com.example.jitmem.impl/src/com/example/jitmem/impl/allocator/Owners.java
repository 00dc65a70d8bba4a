// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.CHUNK_LOG;

import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// To whom the spans of a region belong, by the number of the account. Where all spans of a chunk
/// belong to account 0, as in an allocator with one view, there is no table.
///
/// Changed under the lock of the core; [#of] may be called without it.
final class Owners {
  /// The largest number of an account.
  static final int MAX_NUMBER = Character.MAX_VALUE;

  /// Stands for a chunk that does not exist.
  private static final char[] NO_CHUNK = {};

  private static final int MASK = (1 << CHUNK_LOG) - 1;

  private final int chunkCapacity;
  private char[][] chunks = {};
  private long metadataBytes;

  Owners(int chunkCapacity) {
    this.chunkCapacity = chunkCapacity;
  }

  /// The account of a live span.
  int of(int start) {
    char[][] all = chunks;
    if (all.length == 0) {
      return 0;
    }
    char[] chunk = all[start >>> CHUNK_LOG];
    return chunk.length == 0 ? 0 : chunk[start & MASK];
  }

  /// Enters the account of a new span.
  void set(int start, int number) {
    if (number == 0 && chunks.length == 0) {
      return;
    }
    if (chunks.length == 0) {
      char[][] all = new char[chunkCapacity][];
      Arrays.fill(all, NO_CHUNK);
      VarHandle.releaseFence();
      chunks = all;
      metadataBytes = (long) chunkCapacity * Integer.BYTES;
    }
    char[] chunk = chunks[start >>> CHUNK_LOG];
    if (chunk.length == 0) {
      if (number == 0) {
        return;
      }
      chunk = new char[1 << CHUNK_LOG];
      VarHandle.releaseFence();
      chunks[start >>> CHUNK_LOG] = chunk;
      metadataBytes += (long) Character.BYTES << CHUNK_LOG;
    }
    chunk[start & MASK] = (char) number;
  }

  long metadataBytes() {
    return metadataBytes;
  }
}
