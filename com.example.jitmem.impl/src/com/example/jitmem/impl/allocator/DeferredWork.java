// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.IntRange;
import com.example.jitmem.impl.memory.CodeRegion;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The work that freed memory causes outside the lock of the core: collected under the lock, done
/// by [Reclaimer] without it. Serves one operation of one thread.
final class DeferredWork {
  private final List<Piece> fills = new ArrayList<>();
  private final List<Piece> decommits = new ArrayList<>();
  private final List<CodeRegion> unreserves = new ArrayList<>();

  private boolean tick;
  private boolean awaitsWriters;

  /// Granules or blocks of a region.
  record Piece(Region region, IntRange range) {}

  /// Some work, or new work if there is none yet.
  static DeferredWork orNew(@Nullable DeferredWork work) {
    return work != null ? work : new DeferredWork();
  }

  void addFill(Region region, IntRange granules) {
    fills.add(new Piece(region, granules));
  }

  void addDecommit(Region region, IntRange blocks) {
    decommits.add(new Piece(region, blocks));
  }

  void addUnreserve(CodeRegion region) {
    unreserves.add(region);
  }

  /// Notes that the tick which was requested is to be scheduled.
  void addTick() {
    tick = true;
  }

  /// Tells whether a tick is to be scheduled. The answer is given once.
  boolean pollTick() {
    boolean wanted = tick;
    tick = false;
    return wanted;
  }

  /// Notes that memory was left to a short writer, which may not see it, and that no tick will
  /// collect it.
  void awaitWriters() {
    awaitsWriters = true;
  }

  boolean awaitsWriters() {
    return awaitsWriters;
  }

  boolean isEmpty() {
    return !tick
        && !awaitsWriters
        && fills.isEmpty()
        && decommits.isEmpty()
        && unreserves.isEmpty();
  }

  @Nullable Piece pollFill() {
    return fills.isEmpty() ? null : fills.removeLast();
  }

  @Nullable Piece pollDecommit() {
    return decommits.isEmpty() ? null : decommits.removeLast();
  }

  @Nullable CodeRegion pollUnreserve() {
    return unreserves.isEmpty() ? null : unreserves.removeLast();
  }
}
