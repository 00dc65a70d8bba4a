// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// The number of the account that each span of a region belongs to. Where all spans of a chunk
/// belong to account 0, as in an allocator with one view, there is no chunk.
///
/// Changed under the lock of the core; [#of] may be called without it.
final class Owners {
  /// The largest number of an account.
  static final int MAX_NUMBER = Character.MAX_VALUE;

  private static final char[] NO_CHUNK = {};

  private final ChunkedTable<char[]> numbers;

  Owners(int granules) {
    int elements = 1 << ChunkedTable.CHUNK_LOG;
    numbers = new ChunkedTable<>(granules, NO_CHUNK, char[]::new, elements, Character.BYTES);
  }

  /// The account of a live span.
  int of(int start) {
    if (numbers.isEmpty()) {
      return 0;
    }
    char[] chunk = numbers.chunk(start);
    return chunk.length == 0 ? 0 : chunk[ChunkedTable.index(start)];
  }

  /// Enters the account of a new span.
  void set(int start, int number) {
    char[] chunk = number == 0 ? numbers.chunk(start) : numbers.makeChunk(start);
    if (chunk.length > 0) {
      chunk[ChunkedTable.index(start)] = (char) number;
    }
  }

  long metadataBytes() {
    return numbers.metadataBytes();
  }
}
