// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The memory it takes to hold and write spans: resident pages that are not the heap's, and what
/// the heap holds after a collection. Has one round, in a process of its own.
final class ResidentWorkload implements Workload {
  private static final double MIB = 1024 * 1024;

  private final OwnedJitAllocator allocator;
  private final SpanSet spans;
  private final double before;

  ResidentWorkload(Setting setting) {
    allocator = setting.allocator();
    spans = new SpanSet(allocator, setting.liveSpans());
    before = resident();
  }

  @Override
  public List<Figure> round() {
    spans.fill(new Sequence(Sequence.SEED));
    MemorySegment code = MemorySegment.ofArray(new byte[Sequence.LARGEST]);
    for (int i = 0; i < spans.count(); i++) {
      allocator.write(
          spans.get(i), 0, code.asSlice(0, spans.get(i).byteSize()), CachePolicy.DEFAULT);
    }
    return List.of(new Figure("resident-written", "MiB", (resident() - before) / MIB));
  }

  /// Code is in shared pages, tables are on the heap.
  private static double resident() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    double heap = (double) runtime.totalMemory() - runtime.freeMemory();
    try {
      String sharedLine =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("RssShmem:"))
              .findFirst()
              .orElseThrow();
      return heap + Long.parseLong(sharedLine.replaceAll("\\D", "")) * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
