// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The live spans of one region by their first granule. Chunks of the table exist once a span was
/// in them; they are never copied. Guarded by the lock of the core.
final class SpanTable {
  private static final int CHUNK_LOG = 10;
  private static final int CHUNK = 1 << CHUNK_LOG;
  private static final SpanRecord[] EMPTY_CHUNK = new SpanRecord[0];

  /// What a reference takes with compressed references, which heaps up to 32 GiB use.
  private static final int REFERENCE_BYTES = 4;

  private final SpanRecord[][] chunks;
  private final BitTree starts;
  private int count;
  private long chunkBytes;

  SpanTable(int granules) {
    chunks = new SpanRecord[(granules + CHUNK - 1) >>> CHUNK_LOG][];
    Arrays.fill(chunks, EMPTY_CHUNK);
    starts = new BitTree(granules);
  }

  void add(SpanRecord span) {
    int chunk = span.start >>> CHUNK_LOG;
    if (chunks[chunk].length == 0) {
      chunks[chunk] = new SpanRecord[CHUNK];
      chunkBytes += (long) CHUNK * REFERENCE_BYTES;
    }
    chunks[chunk][span.start & (CHUNK - 1)] = span;
    starts.set(span.start);
    count++;
  }

  @SuppressWarnings("NullAway") // an entry whose start bit is clear is never read
  void remove(SpanRecord span) {
    chunks[span.start >>> CHUNK_LOG][span.start & (CHUNK - 1)] = null;
    starts.clear(span.start);
    count--;
  }

  /// The span a granule lies in.
  @Nullable SpanRecord find(int granule) {
    int start = starts.previous(granule);
    if (start == BitTree.NONE) {
      return null;
    }
    SpanRecord span = at(start);
    return granule < start + span.granules() ? span : null;
  }

  /// The first span that starts at a granule or after it.
  @Nullable SpanRecord next(int granule) {
    int start = starts.next(granule);
    return start == BitTree.NONE ? null : at(start);
  }

  int count() {
    return count;
  }

  long metadataBytes() {
    return starts.metadataBytes()
        + chunkBytes
        + (long) chunks.length * REFERENCE_BYTES
        + count * SpanRecord.METADATA_BYTES;
  }

  private SpanRecord at(int start) {
    return chunks[start >>> CHUNK_LOG][start & (CHUNK - 1)];
  }
}
