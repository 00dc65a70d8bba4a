// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.HashMap;
import java.util.Map;

/// How much of spans is needed according to who wrote them last. The rest is given back when the
/// code is in place: if the system refuses that, spans keep the code they had, with its end.
///
/// Spans are told apart by their places, which stay their own as long as the scope is open that
/// writes them. Belongs to one thread.
final class Cuts {
  private final Map<Place, Cut> byPlace = new HashMap<>();

  private record Place(Region region, int start) {
    static Place of(SpanHandle span) {
      return new Place(span.region, span.start);
    }
  }

  private record Cut(SpanHandle span, long needed) {
    /// Whole granules.
    long byteSize() {
      return span.region.bytes(span.region.pool.granules(needed));
    }

    /// Under the lock. The span may have been shrunk by others.
    void apply(SpanCore core, Reclaimer reclaimer) {
      if (span.isLive()
          && byteSize() < span.region.bytes(span.region.endOf(span.start) - span.start)) {
        core.shrink(span, needed, reclaimer);
      }
    }
  }

  /// Notes how much of a span is needed.
  ///
  /// @param needed in bytes, from 1 to [#byteSize]
  void add(SpanHandle span, long needed) {
    byPlace.put(Place.of(span), new Cut(span, needed));
  }

  /// How much of a live span will be left.
  ///
  /// @return whole granules, in bytes
  /// @throws IllegalStateException if it has ended
  long byteSize(SpanHandle span) {
    Cut cut = byPlace.isEmpty() ? null : byPlace.get(Place.of(span));
    long byteSize = span.byteSize();
    return cut == null ? byteSize : Math.min(cut.byteSize(), byteSize);
  }

  /// Gives back what is not needed of the spans that are still live.
  void apply(SpanCore core) {
    if (byPlace.isEmpty()) {
      return;
    }
    Reclaimer reclaimer = new Reclaimer(core);
    core.lock();
    try {
      byPlace.values().forEach(cut -> cut.apply(core, reclaimer));
    } finally {
      core.unlock();
    }
    byPlace.clear();
    reclaimer.run();
  }
}
