// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.List;
import java.util.Objects;

/// The parts of a heap, put together as [RegionHeap] does, but open to tests.
final class HeapParts {
  final GranuleAllocator granules;
  final Blocks blocks;
  final BlockGrowth growth;
  final BlockDecommit decommit;
  final BoundaryTags tags;
  final FreeRuns free;

  HeapParts(int blockCount, int blockGranules, boolean padding) {
    granules = new GranuleAllocator(blockCount * blockGranules);
    blocks = new Blocks(blockCount, blockGranules, padding);
    growth = new BlockGrowth(granules, blocks);
    decommit = new BlockDecommit(granules, blocks);
    tags = granules.tags();
    free = granules.free();
  }

  Growth plan(int count, int step) {
    return Objects.requireNonNull(growth.plan(count, 1, step));
  }

  /// Commits blocks.
  ///
  /// @return the first granule of the span in them
  int grow(int count, int step) {
    Growth planned = plan(count, step);
    growth.complete(planned);
    return planned.start();
  }

  int allocate(int count) {
    int start = granules.allocate(count, 1);
    blocks.occupancy().add(start, start + count);
    return start;
  }

  void free(int start, int end) {
    granules.free(start, end);
    blocks.occupancy().remove(start, end);
  }

  /// Frees the spans in some granules and joins them with their neighbours.
  void freeAtOnce(int from, int to) {
    int end;
    for (int start = from; start < to; start = end) {
      end = tags.endOf(start);
      granules.reserve(start, end);
      granules.freeReserved(start, end);
      blocks.occupancy().remove(start, end);
    }
  }

  void decommit(int first, int end) {
    decommit.begin(new IntRange(first, end));
    decommit.complete(new IntRange(first, end));
  }

  List<IntRange> check(boolean changing) {
    return new HeapCheck(granules, blocks).run(changing);
  }
}
