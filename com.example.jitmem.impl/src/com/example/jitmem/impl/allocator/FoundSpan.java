// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/// Another object for a [PlainSpan]: one that query found, perhaps for another view, or one that
/// cannot be closed.
final class FoundSpan extends PlainSpan {
  private final ViewAccount owner;
  private final boolean closable;

  /// Makes an object for a span that is witnessed.
  FoundSpan(
      AllocatorView view,
      Region region,
      int start,
      int granules,
      int endings,
      ViewAccount owner,
      boolean closable) {
    super(view, region, start, granules, endings);
    this.owner = owner;
    this.closable = closable;
  }

  /* What this object knows of the size may be out of date once the span was shrunk through the one
   * that allocated it. */
  @Override
  public long byteSize() {
    return region.shrunk ? lookUpByteSize() : super.byteSize();
  }

  @Override
  void noteShrunk(int newGranules) {
    region.shrunkByOthers = true;
    super.noteShrunk(newGranules);
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
    discard();
  }

  @Override
  void discard() {
    if (!isLive()) {
      return;
    }
    if (owner != view.account()) {
      throw new IllegalStateException(
          "The " + describe() + " belongs to " + owner.owner + ", who alone can close it");
    }
    Arena own = view.arenaOrNull();
    try {
      Reclaimer work = end();
      if (work != null) {
        work.run();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private @Nullable Reclaimer end() {
    SpanCore core = view.core();
    core.lock.lock();
    try {
      if (!isLive()) {
        return null;
      }
      setClosing();
      return core.endUnknown(region, start, null);
    } finally {
      core.lock.unlock();
    }
  }
}
