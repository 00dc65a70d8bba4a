// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static org.assertj.core.api.Assertions.assertThat;

/// Granules that are all wilderness at first, and what tests do with them.
abstract class GranuleAllocatorFixture {
  static final int END = 1 << 15;

  final GranuleAllocator granules = new GranuleAllocator(END);
  final BoundaryTags tags = granules.tags();
  final FreeRuns free = granules.free();
  final Coalescer coalescer = granules.coalescer();

  GranuleAllocatorFixture() {
    tags.ensureChunks(0, END);
    free.moveEnd(END);
    granules.addReserved(0, END);
    granules.freeReserved(0, END);
  }

  final int allocate(int count) {
    return granules.allocateWilderness(count);
  }

  final void free(int start) {
    granules.free(start, tags.endOf(start));
  }

  /// Spans of a length with a span of one granule behind each.
  final int[] apart(int spans, int length) {
    int[] starts = new int[spans];
    for (int i = 0; i < spans; i++) {
      starts[i] = allocate(length);
      allocate(1);
    }
    return starts;
  }

  final void endRow() {
    assertThat(granules.allocateFreed(END)).isEqualTo(NONE);
  }

  final void assertKinds(int kind, int... starts) {
    for (int start : starts) {
      assertThat(tags.isStart(start)).isTrue();
      assertThat(tags.kind(start)).as("kind of %d", start).isEqualTo(kind);
    }
  }

  final boolean isQueued(int start) {
    return coalescer.queue().contains(start >>> 6);
  }
}
