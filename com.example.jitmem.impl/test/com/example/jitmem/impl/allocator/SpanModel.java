// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What live spans must be, kept apart from the allocator: an interval map of addresses, and the
/// bytes written to both ends of each span.
final class SpanModel {
  private static final int MARK = 16;

  private final FakeCodeMemory memory;
  private final Random random;
  private final TreeMap<Long, Live> byAddress = new TreeMap<>();
  private final List<Live> live = new ArrayList<>();

  /// A live span.
  static final class Live {
    final Span span;
    final JitAllocator allocator;
    final long address;
    long byteSize;
    private final byte[] head = new byte[MARK];
    private final byte[] tail = new byte[MARK];
    private int index;

    Live(Span span, JitAllocator allocator) {
      this.span = span;
      this.allocator = allocator;
      this.address = span.rx().address();
      this.byteSize = span.byteSize();
    }
  }

  SpanModel(FakeCodeMemory memory, Random random) {
    this.memory = memory;
    this.random = random;
  }

  int size() {
    return live.size();
  }

  long usedBytes() {
    return live.stream().mapToLong(span -> span.byteSize).sum();
  }

  Live pick() {
    return live.get(random.nextInt(live.size()));
  }

  Live get(int index) {
    return live.get(index);
  }

  /// Enters a new span, which must not overlap another, and marks it.
  Live add(Span span, JitAllocator allocator) {
    Live added = new Live(span, allocator);
    assertThat(span.rx().byteSize()).isEqualTo(added.byteSize);
    Map.Entry<Long, Live> before = byAddress.lowerEntry(added.address + added.byteSize);
    if (before != null) {
      assertThat(before.getKey() + before.getValue().byteSize)
          .as("end of the span before")
          .isLessThanOrEqualTo(added.address);
    }
    assertThat(memory.isCommitted(added.address, added.byteSize)).as("is committed").isTrue();
    added.index = live.size();
    live.add(added);
    byAddress.put(added.address, added);
    mark(added);
    return added;
  }

  void remove(Live removed) {
    verify(removed);
    forget(removed);
  }

  /// Removes a span that has ended.
  void forget(Live removed) {
    byAddress.remove(removed.address);
    Live last = live.removeLast();
    if (last != removed) {
      live.set(removed.index, last);
      last.index = removed.index;
    }
  }

  void shrunk(Live span) {
    span.byteSize = span.span.byteSize();
    mark(span);
  }

  /// The bytes written to a span must still be there.
  void verify(Live span) {
    assertThat(memory.read(span.address, MARK)).isEqualTo(span.head);
    assertThat(memory.read(span.address + span.byteSize - MARK, MARK)).isEqualTo(span.tail);
  }

  void verifyAll() {
    live.forEach(this::verify);
  }

  /// The span an address lies in, if any.
  @Nullable Live find(long address) {
    Map.Entry<Long, Live> entry = byAddress.floorEntry(address);
    return entry != null && address < entry.getKey() + entry.getValue().byteSize
        ? entry.getValue()
        : null;
  }

  private void mark(Live span) {
    random.nextBytes(span.head);
    random.nextBytes(span.tail);
    write(span, 0, span.head);
    write(span, span.byteSize - MARK, span.tail);
  }

  private static void write(Live span, long offset, byte[] bytes) {
    span.allocator.write(span.span, offset, MemorySegment.ofArray(bytes), CachePolicy.DEFAULT);
  }
}
