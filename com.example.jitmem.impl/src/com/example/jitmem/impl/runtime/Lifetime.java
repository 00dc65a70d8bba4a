// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import java.lang.foreign.Arena;

/// What ends a function and with it its span.
///
/// Implementations are thread-safe.
sealed interface Lifetime {
  /// The lifetime that the options select.
  static Lifetime of(FunctionOptions options) {
    if (options.arena().isPresent()) {
      return new CallersArena(options.arena().get());
    }
    return options.safety() == CallSafety.PROTECTED ? new OwnArena() : new CallersClose();
  }

  /// Makes the span of a request end with this lifetime.
  SpanRequest applyTo(SpanRequest request);

  /// Ends the function, as [com.example.jitmem.api.runtime.JitFunction#close()] does.
  void end(Span span);

  /// Ends this lifetime, whose span has been discarded, if no caller would.
  default void abandon() {}

  /// A caller's arena: only closing it ends the function.
  record CallersArena(Arena arena) implements Lifetime {
    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request.withArena(arena);
    }

    @Override
    public void end(Span span) {
      if (span.isLive()) {
        throw new UnsupportedOperationException(
            "The function was added with an arena: close the arena to end it");
      }
    }
  }

  /// A shared arena that is never handed out. Calls acquire it, so it does not close under them.
  final class OwnArena implements Lifetime {
    private final Arena arena = Arena.ofShared();

    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request.withArena(arena);
    }

    /* One thread at a time: Arena.close() of a second thread could fail because the first has not
     * finished, which cannot be told from a call in flight. */
    @Override
    public synchronized void end(Span span) {
      if (!arena.scope().isAlive()) {
        return;
      }
      try {
        arena.close();
      } catch (IllegalStateException inUse) {
        throw new IllegalStateException(
            "The function has not ended because a thread is inside it: close it again after the"
                + " call",
            inUse);
      }
    }

    @Override
    public void abandon() {
      arena.close();
    }
  }

  /// No arena: the caller's `close` ends the function.
  record CallersClose() implements Lifetime {
    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request;
    }

    @Override
    public void end(Span span) {
      span.close();
    }
  }
}
