// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Running totals of an allocator. Guarded by the lock of the core.
final class Counters {
  long spans;
  long usedBytes;
  long reservedBytes;
  long peakSpans;
  long peakUsedBytes;
  long peakReservedBytes;
  long failures;

  void add(ViewAccount account, long byteSize) {
    account.spanCount++;
    spans++;
    if (spans > peakSpans) {
      peakSpans = spans;
    }
    addUsed(account, byteSize);
  }

  void remove(ViewAccount account, long byteSize) {
    account.spanCount--;
    spans--;
    addUsed(account, -byteSize);
  }

  void addUsed(ViewAccount account, long byteSize) {
    account.usedBytes += byteSize;
    usedBytes += byteSize;
    if (usedBytes > peakUsedBytes) {
      peakUsedBytes = usedBytes;
    }
  }

  void addReserved(long byteSize) {
    reservedBytes += byteSize;
    peakReservedBytes = Math.max(peakReservedBytes, reservedBytes);
  }
}
