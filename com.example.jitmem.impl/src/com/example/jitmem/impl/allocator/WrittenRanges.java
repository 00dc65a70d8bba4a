// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/// What was written in one session, merged so that neighbouring writes are flushed as one. Belongs
/// to one thread.
final class WrittenRanges {
  private final WriteSession session;
  private final IdentityHashMap<CodeRegion, TreeMap<Long, Long>> endsByStart =
      new IdentityHashMap<>();
  private final PendingShrinks shrinks = new PendingShrinks();

  WrittenRanges(WriteSession session) {
    this.session = session;
  }

  WriteSession session() {
    return session;
  }

  /// What spans are shrunk to once the session was flushed.
  PendingShrinks shrinks() {
    return shrinks;
  }

  void add(CodeRegion region, long offset, long byteSize) {
    if (byteSize == 0) {
      return;
    }
    TreeMap<Long, Long> ends = endsByStart.computeIfAbsent(region, ignored -> new TreeMap<>());
    long start = offset;
    long end = offset + byteSize;
    Map.Entry<Long, Long> before = ends.floorEntry(end);
    while (before != null && before.getValue() >= start) {
      start = Math.min(start, before.getKey());
      end = Math.max(end, before.getValue());
      ends.remove(before.getKey());
      before = ends.floorEntry(end);
    }
    ends.put(start, end);
  }

  /// Tells the session what was written and forgets it.
  void reportTo(WriteSession target) {
    endsByStart.forEach(
        (region, ends) -> ends.forEach((start, end) -> target.written(region, start, end - start)));
    endsByStart.clear();
  }
}
