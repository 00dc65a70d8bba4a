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
  /// The lifetime that options ask for.
  static Lifetime of(FunctionOptions options) {
    if (options.arena().isPresent()) {
      return new CallersArena(options.arena().get());
    }
    return options.safety() == CallSafety.PROTECTED ? new OwnArena() : new CallersClose();
  }

  /// Asks for a span that ends with this lifetime.
  SpanRequest applyTo(SpanRequest request);

  /// The span as users of the function see it: one they cannot close.
  Span visible(Span span);

  /// Ends the function, as [com.example.jitmem.api.runtime.JitFunction#close()] does.
  void end(Span span);

  /// Gives the memory back because no function came into being.
  default void abandon(Span span) {
    end(span);
  }

  /// An arena of the user's, which alone ends the function.
  record CallersArena(Arena arena) implements Lifetime {
    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request.withArena(arena);
    }

    @Override
    public Span visible(Span span) {
      return span;
    }

    @Override
    public void end(Span span) {
      throw new UnsupportedOperationException(
          "The function was added with an arena: close the arena to end it");
    }

    @Override
    public void abandon(Span span) {}
  }

  /// A shared arena that nobody else sees. Calls acquire it, so it does not close under them.
  final class OwnArena implements Lifetime {
    private final Arena arena = Arena.ofShared();

    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request.withArena(arena);
    }

    @Override
    public Span visible(Span span) {
      return span;
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
  }

  /// Nothing but the user's call of `close`.
  record CallersClose() implements Lifetime {
    @Override
    public SpanRequest applyTo(SpanRequest request) {
      return request;
    }

    @Override
    public Span visible(Span span) {
      return new FunctionSpan(span);
    }

    @Override
    public void end(Span span) {
      span.close();
    }
  }
}
