// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One allocation, as the allocator sees it. Handles refer to it; it refers to no segment and no
/// arena, so it keeps none alive.
///
/// Memory of a span stays its own while somebody writes to it, even when it was released or shrunk
/// meanwhile: [#held] granules are given back only when the last writer has left.
///
/// Fields that may change are guarded by the lock of the core; [#isLive()] and [#granules()] may be
/// read without it.
final class SpanRecord {
  /// The heap memory of one record: header, references and counters.
  static final long METADATA_BYTES = 64;

  final Region region;
  final int start;
  final SpanOwner owner;
  private final @Nullable String name;

  private volatile boolean live = true;
  private volatile int granules;

  /// Granules from the start that nobody else may get.
  int held;

  /// Writes in progress.
  int writers;

  /// Neighbours in the list of the owner.
  @Nullable SpanRecord previous;

  @Nullable SpanRecord next;

  SpanRecord(Region region, int start, int granules, SpanOwner owner, @Nullable String name) {
    this.region = region;
    this.start = start;
    this.granules = granules;
    this.held = granules;
    this.owner = owner;
    this.name = name;
  }

  boolean isLive() {
    return live;
  }

  void end() {
    live = false;
  }

  int granules() {
    return granules;
  }

  void shrink(int newGranules) {
    granules = newGranules;
  }

  Optional<String> name() {
    return Optional.ofNullable(name);
  }

  ViewAccount account() {
    return owner.account();
  }

  /// The offset of the span in its region.
  long offset() {
    return region.bytes(start);
  }

  long byteSize() {
    return region.bytes(granules);
  }

  @Override
  public String toString() {
    return "span of "
        + byteSize()
        + " bytes at 0x"
        + Long.toHexString(region.address() + offset())
        + name().map(text -> " named " + text).orElse("");
  }
}
