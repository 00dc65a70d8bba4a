// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.ffm.LinkedType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A function that ends with its span: a checked or unchecked one, or one that a caller's arena
/// ends.
final class SpanFunction extends DefaultJitFunction {
  private final AllocatorView view;
  private final Span span;
  private final MemorySegment code;
  private final CallSafety safety;

  /// @param span the span with all rights
  /// @param code all of it, where it is executed
  /// @param safety how calls are kept from it; `PROTECTED` means by the arena of the span
  SpanFunction(
      FunctionDescriptor type,
      LinkedType linked,
      AllocatorView view,
      Span span,
      MemorySegment code,
      CallSafety safety) {
    super(type, linked);
    this.view = view;
    this.span = span;
    this.code = code;
    this.safety = safety;
  }

  @Override
  Binding binding() {
    return safety == CallSafety.CHECKED
        ? new Binding(
            linked.adapted(CheckedEntry.class, CheckedEntry::checked), new CheckedEntry(span, code))
        : new Binding(linked.unbound(), code);
  }

  @Override
  Span makeVisibleSpan() {
    return view.withoutClose(span);
  }

  @Override
  public boolean isLive() {
    return span.isLive();
  }

  @Override
  public CompletionStage<?> retire() {
    end();
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void close() {
    end();
  }

  private void end() {
    if (safety != CallSafety.PROTECTED) {
      span.close();
    } else if (span.isLive()) {
      throw new UnsupportedOperationException(
          "The function was added with an arena: close the arena to end it");
    }
  }

  @Override
  @Nullable String name() {
    return span.name().orElse(null);
  }
}
