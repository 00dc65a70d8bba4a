// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Running figures of an allocator. Guarded by the lock of the core.
final class Counters {
  long spans;
  long usedBytes;
  long reservedBytes;
  long peakSpans;
  long peakUsedBytes;
  long peakReservedBytes;
  long failures;

  void add(SpanRecord span) {
    ViewAccount account = span.account();
    account.spanCount++;
    if (span.owner instanceof ArenaSpans) {
      account.scopedCount++;
    }
    spans++;
    peakSpans = Math.max(peakSpans, spans);
    addUsed(account, span.byteSize());
  }

  void remove(SpanRecord span) {
    ViewAccount account = span.account();
    account.spanCount--;
    if (span.owner instanceof ArenaSpans) {
      account.scopedCount--;
    }
    spans--;
    addUsed(account, -span.byteSize());
  }

  void addUsed(ViewAccount account, long byteSize) {
    account.usedBytes += byteSize;
    usedBytes += byteSize;
    peakUsedBytes = Math.max(peakUsedBytes, usedBytes);
  }

  void addReserved(long byteSize) {
    reservedBytes += byteSize;
    peakReservedBytes = Math.max(peakReservedBytes, reservedBytes);
  }
}
