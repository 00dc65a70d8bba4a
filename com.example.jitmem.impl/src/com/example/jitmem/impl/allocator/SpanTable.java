// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static com.example.jitmem.impl.allocator.WordTable.CHUNK_LOG;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The live spans of one region that have a record, by their first granule. Chunks of the table
/// exist once a span was in them; they are never copied.
///
/// Changed under the lock of the core; [#find] may be called without it.
final class SpanTable {
  /// Stands for a chunk that does not exist.
  private static final SpanRecord[] NO_CHUNK = {};

  private static final int MASK = (1 << CHUNK_LOG) - 1;

  /// What a reference takes with compressed references, which heaps up to 32 GiB use.
  private static final int REFERENCE_BYTES = 4;

  private final int chunkCapacity;
  private SpanRecord[][] chunks = {};
  private int count;
  private long chunkBytes;

  SpanTable(int chunkCapacity) {
    this.chunkCapacity = chunkCapacity;
  }

  void add(SpanRecord span) {
    if (chunks.length == 0) {
      SpanRecord[][] all = new SpanRecord[chunkCapacity][];
      Arrays.fill(all, NO_CHUNK);
      VarHandle.releaseFence();
      chunks = all;
      chunkBytes = (long) chunkCapacity * REFERENCE_BYTES;
    }
    SpanRecord[] chunk = chunks[span.start >>> CHUNK_LOG];
    if (chunk.length == 0) {
      chunk = new SpanRecord[1 << CHUNK_LOG];
      chunkBytes += (long) REFERENCE_BYTES << CHUNK_LOG;
      VarHandle.releaseFence();
      chunks[span.start >>> CHUNK_LOG] = chunk;
    }
    chunk[span.start & MASK] = span;
    count++;
  }

  @SuppressWarnings("NullAway") // find() says that an entry may be null
  void remove(SpanRecord span) {
    chunks[span.start >>> CHUNK_LOG][span.start & MASK] = null;
    count--;
  }

  /// The record of the span that starts at a granule, if it has one.
  @Nullable SpanRecord find(int start) {
    SpanRecord[][] all = chunks;
    SpanRecord[] chunk = all.length == 0 ? NO_CHUNK : all[start >>> CHUNK_LOG];
    return chunk.length == 0 ? null : chunk[start & MASK];
  }

  int count() {
    return count;
  }

  long metadataBytes() {
    return chunkBytes + count * SpanRecord.METADATA_BYTES;
  }
}
