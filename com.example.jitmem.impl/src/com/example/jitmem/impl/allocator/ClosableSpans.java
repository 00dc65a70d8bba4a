// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// Spans of one view that their caller closes.
final class ClosableSpans extends SpanOwner {
  ClosableSpans(ViewAccount account) {
    super(account);
  }

  @Override
  void checkOpen() {}
}
