// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import java.lang.foreign.Arena;

/// Spans of one shared arena.
final class DefaultCodeGroup implements CodeGroup {
  private final JitAllocator view;
  private final Arena arena = Arena.ofShared();

  DefaultCodeGroup(JitAllocator view) {
    this.view = view;
  }

  @Override
  public Arena arena() {
    return arena;
  }

  @Override
  public Span alloc(long byteSize) {
    return alloc(SpanRequest.of(byteSize));
  }

  @Override
  public Span alloc(SpanRequest request) {
    Arena given = request.arena().orElse(arena);
    if (!given.equals(arena)) {
      throw new IllegalArgumentException("The request names another arena than that of the group");
    }
    return view.alloc(request.withArena(arena));
  }

  /* One thread at a time: closing the arena in a second thread could fail because the first has not
   * finished, which cannot be told from a call in flight. */
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
