// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Version counts against ABA: how handles of a span learn that it has ended, though the tables
/// keep no object for it.
///
/* The handle that allocated a span knows when it was closed itself. Any other end raises a version
 * that is counted for each first granule: an end by address, by a reset, through a handle that
 * query() gave, or by the first handle when query() has given others, of which a bit tells (the
 * span is shared). A handle remembers the version it was made with, and its span has ended when the
 * version is another one. So a handle never takes a later span at the same place for its own, which
 * is the ABA problem. Ends that only one handle can observe raise no version.
 *
 * Versions begin as bytes, for a chunk of granules at a time. A chunk of which one is full gets
 * wide ones.
 *
 * A span is marked as shared without the lock. The marking thread validates afterwards that the
 * tables were undisturbed (see SeqLock); a thread that ends a span reads the mark with the lock
 * held. So either the version is raised, or the reader starts anew. */
final class SpanVersions {
  /// A version that no handle is made with: the span has ended, and had no other handle.
  static final int ENDED = -1;

  /// A version that is not raised any more. Granules with it are never allocated again.
  private static final int LAST = Integer.MAX_VALUE;

  private static final VarHandle SHARED = MethodHandles.arrayElementVarHandle(long[].class);

  /// The largest version of a byte.
  private static final int LAST_NARROW = 0xFF;

  private static final byte[] NO_NARROW = {};
  private static final int[] NO_WIDE = {};
  private static final long[] NO_SHARED = {};
  private static final int ELEMENTS = 1 << ChunkedTable.CHUNK_LOG;

  private final ChunkedTable<byte[]> narrow;

  /// The versions of chunks that are missing in [#narrow].
  private final ChunkedTable<int[]> wide;

  /// A bit for each granule, 64 to a long.
  private final ChunkedTable<long[]> shared;

  SpanVersions(int granules) {
    narrow = new ChunkedTable<>(granules, NO_NARROW, byte[]::new, ELEMENTS, Byte.BYTES);
    wide = new ChunkedTable<>(granules, NO_WIDE, int[]::new, ELEMENTS, Integer.BYTES);
    shared = new ChunkedTable<>(granules, NO_SHARED, long[]::new, ELEMENTS / 64, Long.BYTES);
  }

  /// The version of a granule. May be read without the lock.
  int version(int start) {
    if (narrow.isEmpty()) {
      return 0;
    }
    byte[] chunk = narrow.chunk(start);
    if (chunk.length == 0) {
      return wideVersion(start);
    }
    return Byte.toUnsignedInt(chunk[ChunkedTable.index(start)]);
  }

  private int wideVersion(int start) {
    // Wide versions are there before the narrow ones are gone
    VarHandle.loadLoadFence();
    int[] chunk = wide.chunk(start);
    return chunk.length == 0 ? 0 : chunk[ChunkedTable.index(start)];
  }

  /// Raises the version, as a span that starts here has ended.
  void raise(int start) {
    int index = ChunkedTable.index(start);
    int[] wideChunk = wide.chunk(start);
    if (wideChunk.length == 0) {
      byte[] chunk = narrow.makeChunk(start);
      if (Byte.toUnsignedInt(chunk[index]) < LAST_NARROW) {
        chunk[index]++;
        return;
      }
      wideChunk = widen(start, chunk);
    }
    wideChunk[index]++;
  }

  /// Replaces narrow versions by wide ones.
  private int[] widen(int start, byte[] chunk) {
    int[] wideChunk = wide.makeChunk(start);
    for (int i = 0; i < ELEMENTS; i++) {
      wideChunk[i] = Byte.toUnsignedInt(chunk[i]);
    }
    narrow.removeChunk(start);
    return wideChunk;
  }

  /// Tells whether granules must not be allocated again, because later spans could not be told
  /// apart.
  boolean isExhausted(int start) {
    return version(start) == LAST;
  }

  /// Tells whether there are handles of a span beside the one that allocated it.
  boolean isShared(int start) {
    long[] chunk = shared.chunk(start);
    return chunk.length > 0 && (chunk[word(start)] >>> start & 1) != 0;
  }

  /// Marks a span as shared, where a chunk for the mark exists. May be called without the lock.
  ///
  /// @return false if there is no chunk: [#share] is needed then
  boolean tryShare(int start) {
    long[] chunk = shared.chunk(start);
    if (chunk.length == 0) {
      return false;
    }
    if ((chunk[word(start)] >>> start & 1) == 0) {
      SHARED.getAndBitwiseOr(chunk, word(start), 1L << start);
    }
    return true;
  }

  /// Marks a span as shared.
  void share(int start) {
    SHARED.getAndBitwiseOr(shared.makeChunk(start), word(start), 1L << start);
  }

  /// Clears the mark of a span that has ended.
  void clearShared(int start) {
    if (isShared(start)) {
      SHARED.getAndBitwiseAnd(shared.chunk(start), word(start), ~(1L << start));
    }
  }

  private static int word(int start) {
    return ChunkedTable.index(start) >>> 6;
  }

  long metadataBytes() {
    return narrow.metadataBytes() + wide.metadataBytes() + shared.metadataBytes();
  }
}
