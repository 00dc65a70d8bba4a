// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.allocator.space.RegionHeap;

/// Another handle of a [PlainSpan]: one that query returned, perhaps to another view, or one that
/// cannot be closed.
final class FoundSpan extends PlainSpan {
  private final ViewAccount owner;
  private final boolean closable;

  /// Makes a handle of a span that is marked as shared.
  FoundSpan(
      ViewContext view,
      Region region,
      int start,
      int version,
      ViewAccount owner,
      boolean closable) {
    // The tables know how long it is
    super(view, region, start, RegionHeap.NONE, version);
    this.owner = owner;
    this.closable = closable;
  }

  @Override
  ViewAccount owner() {
    return owner;
  }

  @Override
  public void close() {
    if (!closable) {
      throw notClosable();
    }
    if (isLive() && owner != view.account()) {
      throw new IllegalStateException(
          "The " + describe() + " belongs to " + owner.owner + ", who alone can close it");
    }
    discard();
  }
}
