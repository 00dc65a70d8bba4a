// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.HashMap;
import java.util.Map;

/// Sizes to which written spans will be shrunk. They are shrunk when their code is in place: if the
/// system refuses that, spans keep their old code, which must stay whole.
///
/// Spans are told apart by their places, which stay their own as long as the scope is open that
/// writes them. Belongs to one thread.
final class PendingShrinks {
  private final Map<Long, Shrink> byPlace = new HashMap<>();

  private record Shrink(SpanHandle span, long needed) {
    /// Whole granules.
    long byteSize() {
      return span.region.bytes(span.region.pool().granules(needed));
    }

    /// Under the lock. The span may have been shrunk by others.
    void apply(DeferredWork work) {
      if (span.isLive()
          && byteSize() < span.region.bytes(span.region.endOf(span.start) - span.start)) {
        span.shrinkTo(needed, work);
      }
    }
  }

  /// Notes how much of a span is needed.
  ///
  /// @param needed in bytes, from 1 to [#byteSize]
  void add(SpanHandle span, long needed) {
    byPlace.put(span.place(), new Shrink(span, needed));
  }

  /// The size that a live span will have.
  ///
  /// @return whole granules, in bytes
  /// @throws IllegalStateException if it has ended
  long byteSize(SpanHandle span) {
    Shrink shrink = byPlace.isEmpty() ? null : byPlace.get(span.place());
    long byteSize = span.byteSize();
    return shrink == null ? byteSize : Math.min(shrink.byteSize(), byteSize);
  }

  /// Shrinks the spans that are still live.
  void apply(SpanCore core) {
    if (!byPlace.isEmpty()) {
      Reclaimer.run(core, work -> byPlace.values().forEach(shrink -> shrink.apply(work)));
      byPlace.clear();
    }
  }
}
