// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeRegion;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The regions of one allocator that are mapped, and how many still need them: the allocator, each
/// automatic arena of a view, each arena that has spans, each thread that decommits memory. When
/// the last of them has left, everything is unmapped for good, whatever the tables of the allocator
/// say.
///
/// Cleanups of arenas hold this object, so it refers to no view, no arena and no segment of one.
/// Thread-safe.
final class Mappings {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  private final Set<CodeRegion> regions = Collections.newSetFromMap(new IdentityHashMap<>());
  private int shares;
  private boolean over;

  /// One user's need for all regions.
  final class Share {
    private boolean left;

    /// Gives up the share. Does nothing the second time.
    void leave() {
      for (CodeRegion region : release()) {
        unmap(region);
      }
    }

    private List<CodeRegion> release() {
      synchronized (Mappings.this) {
        if (left) {
          return List.of();
        }
        left = true;
        shares--;
        if (shares > 0) {
          return List.of();
        }
        over = true;
        List<CodeRegion> last = List.copyOf(regions);
        regions.clear();
        return last;
      }
    }
  }

  synchronized Share share() {
    shares++;
    return new Share();
  }

  /// As [#share()], for callers that keep no share alive themselves.
  ///
  /// @return null if all is unmapped
  synchronized @Nullable Share tryShare() {
    return over ? null : share();
  }

  synchronized void add(CodeRegion region) {
    regions.add(region);
  }

  /// Unmaps a region that is not in use any more, unless that has happened.
  void unreserve(CodeRegion region) {
    boolean mapped;
    synchronized (this) {
      mapped = regions.remove(region);
    }
    if (mapped) {
      unmap(region);
    }
  }

  private static void unmap(CodeRegion region) {
    try {
      region.release();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "A region of code memory could not be unmapped", e);
    }
  }
}
