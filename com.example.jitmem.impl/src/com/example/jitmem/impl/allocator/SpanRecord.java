// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.Nullable;

/// What the allocator knows of a span that is more than a place: one that has a name, that ends
/// with an arena, or that a guard ends. It refers to no segment and no arena, so it keeps none
/// alive. Its region stays as long as it lives.
///
/// The list is guarded by the lock of the core; [#isLive()] may be read without it.
final class SpanRecord {
  /// The heap memory of one record: header, references and a number.
  static final long METADATA_BYTES = 56;

  final long place;
  final ViewAccount account;

  /// The spans that end together, null if no arena ends it.
  final @Nullable ArenaSpans group;

  /// What alone ends it, null if there is no such thing.
  final @Nullable SpanGuard guard;

  final @Nullable String name;
  private volatile boolean live = true;

  /// Neighbours in the list of the group.
  @Nullable SpanRecord previous;

  @Nullable SpanRecord next;

  SpanRecord(long place, SpanNeeds needs) {
    this.place = place;
    this.account = needs.account();
    this.group = needs.group();
    this.guard = needs.guard();
    this.name = needs.name();
  }

  int start() {
    return Place.start(place);
  }

  boolean isLive() {
    return live;
  }

  /// Tells whether an arena or a guard ends it, and nothing else may.
  boolean isBound() {
    return group != null || guard != null;
  }

  void end() {
    live = false;
  }
}
