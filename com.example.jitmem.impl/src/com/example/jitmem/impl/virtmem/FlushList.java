// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.Os;
import java.util.ArrayList;
import java.util.List;

/// Ranges of executable addresses that were written and not yet flushed. A range that touches the
/// one noted before it is merged with it. For one thread.
final class FlushList {
  private final List<Range> ranges = new ArrayList<>();

  void add(long address, long byteSize) {
    Range added = new Range(address, address + byteSize);
    if (!ranges.isEmpty() && ranges.getLast().touches(added)) {
      added = ranges.removeLast().merged(added);
    }
    ranges.add(added);
  }

  /// Flushes all ranges and forgets them.
  void flush(Os os) {
    for (Range range : ranges) {
      os.flushInstructionCache(range.start, range.end - range.start);
    }
    ranges.clear();
  }

  private record Range(long start, long end) {
    boolean touches(Range other) {
      return start <= other.end && other.start <= end;
    }

    Range merged(Range other) {
      return new Range(Math.min(start, other.start), Math.max(end, other.end));
    }
  }
}
