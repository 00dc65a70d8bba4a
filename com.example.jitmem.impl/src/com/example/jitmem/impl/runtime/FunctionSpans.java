// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;

/// Operations on spans that a runtime needs beyond the API.
///
/// Implementations are thread-safe.
public interface FunctionSpans {
  /// Ends a span at once, also one that has an arena, because adding its function failed. Does
  /// nothing if the span has ended.
  ///
  /// @param span a span of the runtime's allocator that has not been handed out
  void discard(Span span);

  /// The same span in a form whose `close` throws [UnsupportedOperationException].
  ///
  /// @param span a span of the runtime's allocator
  /// @return a span that is equal to it
  Span withoutClose(Span span);
}
