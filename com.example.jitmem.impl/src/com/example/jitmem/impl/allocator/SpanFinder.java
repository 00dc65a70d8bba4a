// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the span an address lies in: without the lock where the tables are not changed meanwhile.
///
/// @param core where the span is looked for
record SpanFinder(SpanCore core) {
  /// Finds a span.
  ///
  /// @param view who asks
  Optional<Span> find(ViewContext view, long address) {
    SeqLock lock = core.readLock();
    long read = lock.beginRead();
    if (read != 0) {
      Region region = core.regions.find(address);
      int start = findLive(region, address);
      if (region == null || start == RegionHeap.NONE) {
        if (lock.isUndisturbed(read)) {
          return Optional.empty();
        }
      } else if (region.records().find(start) == null && region.versions().tryShare(start)) {
        int version = region.versions().version(start);
        ViewAccount owner = core.accounts.peek(region.owners().of(start));
        if (owner != null && lock.isUndisturbed(read)) {
          return Optional.of(new FoundSpan(view, region, start, version, owner, true));
        }
      }
    }
    return findLocked(view, address);
  }

  private static int findLive(@Nullable Region region, long address) {
    return region == null
        ? RegionHeap.NONE
        : region.heap().findLive(region.granule(address - region.address()));
  }

  private Optional<Span> findLocked(ViewContext view, long address) {
    core.lock();
    try {
      Region region = core.regions.find(address);
      int start = findLive(region, address);
      if (region == null || start == RegionHeap.NONE) {
        return Optional.empty();
      }
      SpanRecord record = region.records().find(start);
      if (record != null) {
        return found(view, region, record);
      }
      region.losePlain();
      region.versions().share(start);
      ViewAccount owner = core.owner(region, start);
      int version = region.versions().version(start);
      return Optional.of(new FoundSpan(view, region, start, version, owner, true));
    } finally {
      core.unlock();
    }
  }

  private static Optional<Span> found(ViewContext view, Region region, SpanRecord record) {
    if (record.guard != null) {
      record.guard.show();
      return Optional.of(RecordedSpan.guarded(view, region, record));
    }
    if (record.group == null) {
      return Optional.of(new RecordedSpan(view, region, record, view.arena().scope()));
    }
    MemorySegment.Scope scope = record.group.scope();
    if (scope == null) {
      // Nothing can close the arena any more, and unless it is automatic and about to end, the span
      // lives for good and is counted
      scope = view.arena().scope();
    }
    return Optional.of(new RecordedSpan(view, region, record, scope));
  }
}
