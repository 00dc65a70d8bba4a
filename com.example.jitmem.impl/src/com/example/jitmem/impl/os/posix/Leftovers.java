// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.posix;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Unused memory that the system has refused to unmap, for example because
/// the process has as many mappings as it may have (ENOMEM in munmap(2)). It stays mapped, so that
/// its addresses are not reused, until the system takes it.
///
/// Thread-safe.
final class Leftovers {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private final Unmapping unmapping;
  private final Deque<Range> ranges = new ArrayDeque<>();

  private record Range(long address, long byteSize) {}

  /// Unmaps a range or throws [VirtMemException].
  @FunctionalInterface
  interface Unmapping {
    void unmap(long address, long byteSize);
  }

  Leftovers(Unmapping unmapping) {
    this.unmapping = unmapping;
  }

  /// Unmaps memory, now or with one of the next calls of [#retry()]. A refusal is logged.
  void unmap(long address, long byteSize) {
    Range range = new Range(address, byteSize);
    if (!isUnmapped(range, System.Logger.Level.WARNING)) {
      add(range);
    }
  }

  /// Tries again what was refused before.
  void retry() {
    int count = count();
    for (int i = 0; i < count; i++) {
      Range range = poll();
      if (range == null) {
        return;
      }
      if (!isUnmapped(range, System.Logger.Level.DEBUG)) {
        add(range);
      }
    }
  }

  private boolean isUnmapped(Range range, System.Logger.Level level) {
    try {
      unmapping.unmap(range.address, range.byteSize);
      return true;
    } catch (VirtMemException e) {
      LOGGER.log(level, "Memory is not unmapped yet; that is tried again later", e);
      return false;
    }
  }

  private synchronized int count() {
    return ranges.size();
  }

  private synchronized void add(Range range) {
    ranges.add(range);
  }

  private synchronized @Nullable Range poll() {
    return ranges.poll();
  }
}
