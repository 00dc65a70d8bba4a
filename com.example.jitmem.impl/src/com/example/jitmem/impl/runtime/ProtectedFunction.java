// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.ffm.LinkedType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A function that ends only while no thread is inside it. When neither it nor its handle can be
/// reached any more, its guard ends it.
final class ProtectedFunction extends DefaultJitFunction {
  private final AllocatorView view;
  private final FunctionGuard guard;
  private @Nullable Span span;
  private @Nullable MemorySegment code;

  /// Prepares a function, whose memory its guard needs to be told about.
  ProtectedFunction(FunctionDescriptor type, LinkedType linked, AllocatorView view) {
    super(type, linked);
    this.view = view;
    guard = new FunctionGuard(this, view);
  }

  FunctionGuard guard() {
    return guard;
  }

  /// Sets the memory, before the function is handed out.
  ///
  /// @param newSpan the span with all rights
  /// @param newCode the code in the scope of the view
  void place(Span newSpan, MemorySegment newCode) {
    span = newSpan;
    code = newCode;
    guard.guard(newSpan);
    // Publishes the fields as if they were final: the object may be shared by a data race
    VarHandle.storeStoreFence();
  }

  @Override
  Binding binding() {
    return new Binding(
        linked.adapted(FunctionEntry.class, FunctionEntry::gated),
        new FunctionEntry(guard.gate(), Objects.requireNonNull(code), this));
  }

  @Override
  Span makeVisibleSpan() {
    return view.withoutClose(Objects.requireNonNull(span));
  }

  @Override
  public boolean isLive() {
    return guard.gate().isOpen();
  }

  @Override
  public CompletionStage<?> retire() {
    return guard.retire();
  }

  @Override
  public void close() {
    guard.close();
  }

  @Override
  @Nullable String name() {
    return Objects.requireNonNull(span).name().orElse(null);
  }
}
