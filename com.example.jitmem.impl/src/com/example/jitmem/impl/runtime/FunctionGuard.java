// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.SpanGuard;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Ends the span of a protected function: when the function is closed, after it was retired and the
/// last call has returned, or when nothing reaches the function.
///
/// Segments of the span that users ask for are scoped to an arena, which is made for the first of
/// them and closed with the gate. Most functions need none.
///
/// Thread-safe.
final class FunctionGuard extends SpanGuard implements Gate.Exclusive {
  private static final VarHandle ARENA;
  private static final VarHandle END;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ARENA = lookup.findVarHandle(FunctionGuard.class, "arena", Arena.class);
      END = lookup.findVarHandle(FunctionGuard.class, "end", CompletableFuture.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final AllocatorView view;
  private final FunctionGate gate = new FunctionGate(this);
  private @Nullable Span span;
  private volatile @Nullable Arena arena;
  private volatile @Nullable CompletableFuture<Object> end;
  private volatile boolean shown;

  /// Guards the span that is allocated next.
  ///
  /// @param function what is noticed when nothing reaches it any more
  /// @param view where the span lies
  FunctionGuard(Object function, AllocatorView view) {
    super(function, view.guards());
    this.view = view;
  }

  FunctionGate gate() {
    return gate;
  }

  /// Sets the span, before the function is handed out.
  void guard(Span guarded) {
    span = guarded;
  }

  @Override
  protected void show() {
    shown = true;
  }

  /* Inside the gate, so that no thread closes it meanwhile without seeing the arena. */
  @Override
  protected Arena arena() {
    Arena known = arena;
    if (known != null) {
      return known;
    }
    int cell = gate.enter();
    try {
      Arena made = view.openArena();
      Arena first = (Arena) ARENA.compareAndExchange(this, null, made);
      if (first == null) {
        return made;
      }
      made.close();
      return first;
    } finally {
      gate.leave(cell);
    }
  }

  @Override
  public boolean isNeeded() {
    return arena != null;
  }

  @Override
  public boolean tryEnd() {
    Arena own = arena;
    try {
      if (own != null) {
        own.close();
      }
      return true;
    } catch (IllegalStateException inUse) {
      return false;
    }
  }

  /// Closes the function unless a thread is inside.
  ///
  /// @throws IllegalStateException if a thread is inside
  void close() {
    switch (gate.close(this)) {
      case CLOSED -> free();
      case CLOSED_BEFORE -> {}
      case OCCUPIED ->
          throw new IllegalStateException(
              "The function has not ended because a thread is inside it, perhaps this one by an"
                  + " upcall: close it again after the call, or retire it");
      case RETIRED ->
          throw new IllegalStateException(
              "The function has not ended because a thread is still inside it: it was retired and"
                  + " ends with that call");
    }
    view.guards().settle();
  }

  /// Refuses new calls and ends the function with the last one.
  ///
  /// @return completed when the memory was freed
  CompletionStage<?> retire() {
    CompletableFuture<Object> own = end;
    if (own == null) {
      CompletableFuture<Object> made = new CompletableFuture<>();
      @SuppressWarnings("unchecked")
      CompletableFuture<Object> first =
          (CompletableFuture<Object>) END.compareAndExchange(this, null, made);
      own = first == null ? made : first;
    }
    switch (gate.retire()) {
      case CLOSED -> {
        if (!settle()) {
          post();
          view.settleLater();
        }
      }
      case CLOSED_BEFORE -> {
        if (isFreed()) {
          own.complete(this);
        }
      }
      default -> view.settleLater();
    }
    return own.minimalCompletionStage();
  }

  /// Leaves the span to be freed later.
  void post() {
    view.guards().post(this);
  }

  @Override
  protected boolean settle() {
    if (!tryEnd()) {
      return false;
    }
    free();
    return true;
  }

  @Override
  protected void abandon() {
    if (!shown && gate.close(this) == Gate.Close.CLOSED) {
      free();
    }
  }

  /// Frees the span of a function that could not be added.
  void discard(Span unused) {
    span = unused;
    close();
  }

  private void free() {
    clear();
    Span own = span;
    if (own != null) {
      view.discard(own);
    }
    CompletableFuture<Object> waiting = end;
    if (waiting != null) {
      waiting.complete(this);
    }
  }

  private boolean isFreed() {
    Span own = span;
    return own == null || !own.isLive();
  }
}
