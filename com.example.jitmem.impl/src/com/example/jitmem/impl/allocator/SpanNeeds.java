// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.Vicinity;
import org.jspecify.annotations.Nullable;

/// What a span is placed by.
///
/// @param account who asks
/// @param group the spans it ends with, null if no arena ends it
/// @param guard what alone ends it, null if there is no such thing
/// @param name its name, null if it has none
/// @param byteSize its size
/// @param byteAlignment its alignment
/// @param vicinity where it has to lie, null if it may lie anywhere
record SpanNeeds(
    ViewAccount account,
    @Nullable ArenaSpans group,
    @Nullable SpanGuard guard,
    @Nullable String name,
    long byteSize,
    long byteAlignment,
    @Nullable Vicinity vicinity) {

  static SpanNeeds of(SpanRequest request, ViewAccount account, @Nullable ArenaSpans group) {
    return of(request, account, group, null);
  }

  static SpanNeeds guarded(SpanRequest request, ViewAccount account, SpanGuard guard) {
    return of(request, account, null, guard);
  }

  private static SpanNeeds of(
      SpanRequest request,
      ViewAccount account,
      @Nullable ArenaSpans group,
      @Nullable SpanGuard guard) {
    return new SpanNeeds(
        account,
        group,
        guard,
        request.name().orElse(null),
        request.byteSize(),
        request.byteAlignment(),
        request.vicinity().orElse(null));
  }

  /// Tells whether the span needs a record.
  boolean hasRecord() {
    return group != null || guard != null || name != null;
  }

  /// Refuses a span that could not end any more.
  ///
  /// @throws IllegalStateException if what ends the span has ended
  void checkOpen() {
    if (group != null) {
      group.checkOpen();
    }
  }
}
