// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/// The bytes of heap that an operation takes: with spans that do not leave the method they are
/// allocated in, and with spans that are kept in an array; or, as a variant, that of a query, the
/// address included. There is nothing like it in C++.
final class GarbageWorkload implements Workload {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String QUERY = "query";

  private final Setting setting;
  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final Sequence sequence = new Sequence(Sequence.SEED);

  GarbageWorkload(Setting setting) {
    this.setting = setting;
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
    spans.fill(sequence);
  }

  @Override
  public List<Figure> round() {
    int operations = setting.operations();
    if (setting.variant().equals(QUERY)) {
      long[] addresses = spans.addresses();
      return List.of(bytes("garbage-query", () -> spans.query(addresses, sequence, operations)));
    }
    return List.of(
        bytes("garbage-pair", () -> spans.pairs(sequence, operations)),
        bytes("garbage-churn", () -> spans.churn(sequence, operations)));
  }

  private Figure bytes(String name, Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    return new Figure(name, "bytes", (double) bytes / setting.operations());
  }

  @Override
  public void close() {
    allocator.close();
  }
}
