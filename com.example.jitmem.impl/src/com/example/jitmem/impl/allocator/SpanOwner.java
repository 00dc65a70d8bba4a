// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.Nullable;

/// Spans of one view that end in the same way: those their caller closes, or those of one arena.
///
/// Guarded by the lock of the core.
abstract sealed class SpanOwner permits ClosableSpans, ArenaSpans {
  private final ViewAccount account;
  private @Nullable SpanRecord first;

  SpanOwner(ViewAccount account) {
    this.account = account;
  }

  final ViewAccount account() {
    return account;
  }

  /// One of the live spans.
  final @Nullable SpanRecord first() {
    return first;
  }

  /// Refuses new spans when they could not end any more.
  ///
  /// @throws IllegalStateException if what ends the spans has ended
  abstract void checkOpen();

  void add(SpanRecord span) {
    span.next = first;
    if (first != null) {
      first.previous = span;
    }
    first = span;
  }

  final void remove(SpanRecord span) {
    if (span.previous == null) {
      first = span.next;
    } else {
      span.previous.next = span.next;
    }
    if (span.next != null) {
      span.next.previous = span.previous;
    }
    span.previous = null;
    span.next = null;
  }
}
