// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Writes as many bytes as the variant says to random spans of that size.
///
/// The row `memcpy` is the same as `write` here; in C++ it is a plain `memcpy` to the same places.
final class WriteWorkload implements Workload {
  private static final int BATCH = 1000;

  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final Span[] spans;
  private final MemorySegment source;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  WriteWorkload(Setting setting) {
    this.setting = setting;
    int byteSize = Integer.parseInt(setting.variant());
    source = MemorySegment.ofArray(new byte[byteSize]);
    allocator = setting.allocator();
    spans = new Span[setting.liveSpans()];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = allocator.alloc(byteSize);
      allocator.write(spans[i], 0, source, CachePolicy.DEFAULT);
    }
  }

  @Override
  public List<Figure> round() {
    int batches = setting.repeats(BATCH);
    long start = Clock.now();
    for (int i = 0; i < batches; i++) {
      batch();
    }
    long nanos = Clock.now() - start;
    long operations = (long) batches * BATCH;
    return List.of(
        Figure.nanos("write-" + setting.variant(), nanos, operations),
        Figure.nanos("memcpy-" + setting.variant(), nanos, operations));
  }

  private void batch() {
    for (int i = 0; i < BATCH; i++) {
      allocator.write(spans[sequence.index(spans.length)], 0, source, CachePolicy.DEFAULT);
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
