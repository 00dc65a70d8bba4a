// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.Nullable;

/// The live spans of one region that have a record, by their first granule.
///
/// Changed under the lock of the core; [#find] may be called without it.
final class SpanRecords {
  private static final @Nullable SpanRecord[] NO_CHUNK = {};

  /// What a reference takes with compressed references, which heaps up to 32 GiB use.
  private static final int REFERENCE_BYTES = 4;

  private final ChunkedTable<@Nullable SpanRecord[]> records;
  private int count;

  SpanRecords(int granules) {
    int elements = 1 << ChunkedTable.CHUNK_LOG;
    records = new ChunkedTable<>(granules, NO_CHUNK, SpanRecord[]::new, elements, REFERENCE_BYTES);
  }

  void add(SpanRecord span) {
    records.makeChunk(span.start())[ChunkedTable.index(span.start())] = span;
    count++;
  }

  void remove(SpanRecord span) {
    records.makeChunk(span.start())[ChunkedTable.index(span.start())] = null;
    count--;
  }

  /// The record of the span that starts at a granule, if it has one.
  @Nullable SpanRecord find(int start) {
    if (records.isEmpty()) {
      return null;
    }
    @Nullable SpanRecord[] chunk = records.chunk(start);
    return chunk.length == 0 ? null : chunk[ChunkedTable.index(start)];
  }

  int count() {
    return count;
  }

  long metadataBytes() {
    return records.metadataBytes() + count * SpanRecord.METADATA_BYTES;
  }
}
