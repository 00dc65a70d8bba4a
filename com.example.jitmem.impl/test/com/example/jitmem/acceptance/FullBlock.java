// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The first block of an allocator, filled with spans of one granule, in the order of their
/// addresses. The allocator has no other spans.
final class FullBlock {
  private static final long GRANULE = 64;

  private final OwnedJitAllocator allocator;
  private final List<Span> spans = new ArrayList<>();
  private final LiveRanges live = new LiveRanges();
  private final long start;
  private final long end;

  /// Fills the first block: until the next span makes the allocator commit another one.
  FullBlock(OwnedJitAllocator allocator) {
    this.allocator = allocator;
    spans.add(allocator.alloc(GRANULE));
    long oneBlock = allocator.statistics().reservedBytes();
    for (long used = GRANULE; used < oneBlock - 2 * GRANULE; used += GRANULE) {
      spans.add(allocator.alloc(GRANULE));
    }
    while (allocator.statistics().reservedBytes() == oneBlock) {
      spans.add(allocator.alloc(GRANULE));
    }
    spans.removeLast().close();
    spans.sort(Comparator.comparingLong(span -> span.rx().address()));
    spans.forEach(live::add);
    start = spans.getFirst().rx().address();
    end = spans.getLast().rx().address() + GRANULE;
    assertThat(end - start)
        .as("bytes from the first span to the last")
        .isLessThanOrEqualTo(oneBlock);
  }

  int spanCount() {
    return spans.size();
  }

  Span span(int index) {
    return spans.get(index);
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  /// Releases a span of the block.
  void release(Span span) {
    live.remove(span.rx());
    span.close();
  }

  /// Allocates a span, which must lie apart from all others in memory that can be executed.
  Span alloc(long byteSize) {
    Span span = allocator.alloc(byteSize);
    live.add(span);
    live.checkExecutable();
    return span;
  }

  boolean contains(Span span) {
    long address = span.rx().address();
    return start <= address && address + span.byteSize() <= end;
  }
}
