// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// A span at a place where others have ended before in a way that was written down.
sealed class CountedSpan extends PlainSpan permits FoundSpan {
  private final int endings;

  CountedSpan(AllocatorView view, Region region, int start, int endings) {
    super(view, region, start);
    this.endings = endings;
  }

  @Override
  final int endings() {
    return endings;
  }
}
