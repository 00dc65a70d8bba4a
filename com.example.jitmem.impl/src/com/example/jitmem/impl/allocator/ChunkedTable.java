// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.IntFunction;

/// A table with an entry for each granule of a region, in chunks that are made when something is
/// first stored in them and are never copied. Most regions need no chunk of most tables.
///
/// Changed under the lock of the core. Chunks may be read without it.
///
/// @param <A> the array type of a chunk
final class ChunkedTable<A> {
  /// The binary logarithm of the granules of a chunk.
  static final int CHUNK_LOG = 12;

  private static final int REFERENCE_BYTES = 4;
  private static final Object[] NONE = {};

  private final int capacity;
  private final A absent;
  private final IntFunction<A> newChunk;
  private final int elements;
  private final long chunkBytes;
  private Object[] chunks = NONE;
  private long metadataBytes;

  /// Makes a table without chunks.
  ///
  /// @param granules how many granules the region has
  /// @param absent represents missing chunks: an array without elements
  /// @param newChunk makes a chunk of some elements
  /// @param elements the elements of a chunk
  /// @param elementBytes the size of an element
  ChunkedTable(int granules, A absent, IntFunction<A> newChunk, int elements, int elementBytes) {
    this.capacity = (granules + (1 << CHUNK_LOG) - 1) >>> CHUNK_LOG;
    this.absent = absent;
    this.newChunk = newChunk;
    this.elements = elements;
    this.chunkBytes = (long) elements * elementBytes;
  }

  /// The place of a granule in its chunk, if a chunk has an element for each.
  static int index(int granule) {
    return granule & ((1 << CHUNK_LOG) - 1);
  }

  /// Tells whether no chunk was ever made.
  boolean isEmpty() {
    return chunks.length == 0;
  }

  /// The chunk of a granule, or the one that stands for a missing one.
  @SuppressWarnings("unchecked") // only chunks are stored
  A chunk(int granule) {
    Object[] all = chunks;
    return all.length == 0 ? absent : (A) all[granule >>> CHUNK_LOG];
  }

  /// The chunk of a granule, made if there is none.
  @SuppressWarnings("ReferenceEquality") // this very array stands for none
  A makeChunk(int granule) {
    A chunk = chunk(granule);
    if (chunk == absent) {
      chunk = newChunk.apply(elements);
      metadataBytes += chunkBytes;
      putChunk(granule, chunk);
    }
    return chunk;
  }

  /// Replaces a chunk.
  void putChunk(int granule, A chunk) {
    if (chunks.length == 0) {
      Object[] all = new Object[capacity];
      Arrays.fill(all, absent);
      metadataBytes += (long) capacity * REFERENCE_BYTES;
      VarHandle.releaseFence();
      chunks = all;
    }
    // Readers without the lock see what is in the chunk
    VarHandle.releaseFence();
    chunks[granule >>> CHUNK_LOG] = chunk;
  }

  /// Removes a chunk.
  void removeChunk(int granule) {
    metadataBytes -= chunkBytes;
    putChunk(granule, absent);
  }

  /// The heap memory that the table takes, in bytes.
  long metadataBytes() {
    return metadataBytes;
  }
}
