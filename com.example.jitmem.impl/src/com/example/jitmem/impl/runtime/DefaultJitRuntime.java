// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.ffm.FunctionHandles;
import com.example.jitmem.impl.ffm.LinkedType;
import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// The runtime on an allocator. It is stateless: functions live in the allocator and in their own
/// object.
///
/// All methods are thread-safe.
public final class DefaultJitRuntime implements JitRuntime {
  private final JitAllocator allocator;
  private final AllocatorView view;

  /// A runtime that ends with its allocator.
  ///
  /// @param allocator where functions are placed
  /// @param view the view behind that allocator
  public DefaultJitRuntime(JitAllocator allocator, AllocatorView view) {
    this.allocator = Objects.requireNonNull(allocator);
    this.view = Objects.requireNonNull(view);
  }

  @Override
  public JitFunction add(MemorySegment code, FunctionDescriptor type, FunctionOptions options) {
    Segments.requireAccessible(code, "code");
    return place(
        code.byteSize(),
        type,
        options,
        false,
        span -> allocator.write(span, 0, code, CachePolicy.DEFAULT));
  }

  @Override
  public <X extends Exception> JitFunction add(
      long maxByteSize, CodeEmitter<X> emitter, FunctionDescriptor type, FunctionOptions options)
      throws X {
    Objects.requireNonNull(emitter);
    return place(
        maxByteSize,
        type,
        options,
        true,
        span -> {
          MemorySegment rx = span.rx().asSlice(0, maxByteSize);
          allocator.write(
              span,
              target -> emit(emitter, rx, target.asSlice(0, maxByteSize)),
              CachePolicy.DEFAULT);
        });
  }

  @Override
  public MethodHandle bind(MemorySegment entry, FunctionDescriptor type) {
    Objects.requireNonNull(type);
    if (!entry.isNative()) {
      throw new IllegalArgumentException(
          "Entry point is on the heap: only native memory can be executed");
    }
    if (entry.address() == 0) {
      throw new IllegalArgumentException("Entry point is the address 0");
    }
    return FunctionHandles.linked(type, false, false).unbound().bindTo(entry);
  }

  @Override
  public JitAllocator allocator() {
    return allocator;
  }

  @Override
  public Architecture architecture() {
    String name = System.getProperty("os.arch", "");
    return switch (name) {
      case "amd64", "x86_64" -> Architecture.X86_64;
      case "aarch64" -> Architecture.AARCH64;
      default ->
          throw new VirtMemException(
              VirtMemException.Reason.NOT_SUPPORTED,
              "Architecture is not supported: " + name + " (supported: x86-64, AArch64)");
    };
  }

  private interface CodeSource<X extends Exception> {
    void writeTo(Span span) throws X;
  }

  private <X extends Exception> JitFunction place(
      long byteSize,
      FunctionDescriptor type,
      FunctionOptions options,
      boolean tellsAddress,
      CodeSource<X> code)
      throws X {
    LinkedType linked =
        FunctionHandles.linked(type, options.isCritical(), options.allowsHeapAccess());
    SpanRequest request = request(byteSize, options);
    return options.safety() == CallSafety.PROTECTED && options.arena().isEmpty()
        ? addProtected(request, type, linked, tellsAddress, code)
        : addWithSpan(request, type, linked, options.safety(), code);
  }

  private <X extends Exception> JitFunction addProtected(
      SpanRequest request,
      FunctionDescriptor type,
      LinkedType linked,
      boolean tellsAddress,
      CodeSource<X> code)
      throws X {
    ProtectedFunction function = new ProtectedFunction(type, linked, view);
    if (tellsAddress) {
      function.guard().show();
    }
    Span span = view.allocGuarded(request, function.guard());
    try {
      code.writeTo(span);
      function.place(span, span.rx());
    } catch (Throwable failure) {
      abandon(() -> function.guard().discard(span), failure);
      throw failure;
    }
    view.guards().settle();
    return function;
  }

  private <X extends Exception> JitFunction addWithSpan(
      SpanRequest request,
      FunctionDescriptor type,
      LinkedType linked,
      CallSafety safety,
      CodeSource<X> code)
      throws X {
    Span span = allocator.alloc(request);
    try {
      code.writeTo(span);
      return new SpanFunction(type, linked, view, span, span.rx(), safety);
    } catch (Throwable failure) {
      abandon(() -> view.discard(span), failure);
      throw failure;
    }
  }

  private static SpanRequest request(long byteSize, FunctionOptions options) {
    SpanRequest request = SpanRequest.of(byteSize);
    if (options.byteAlignment() > 1) {
      request = request.withByteAlignment(options.byteAlignment());
    }
    if (options.name().isPresent()) {
      request = request.withName(options.name().get());
    }
    return options.arena().isPresent() ? request.withArena(options.arena().get()) : request;
  }

  private static <X extends Exception> long emit(
      CodeEmitter<X> emitter, MemorySegment rx, MemorySegment out) throws X {
    long byteSize = emitter.emit(rx, out);
    if (byteSize < 1 || byteSize > out.byteSize()) {
      throw new IllegalArgumentException(
          "The emitter returned a size that is not from 1 to "
              + out.byteSize()
              + " bytes: "
              + byteSize);
    }
    return byteSize;
  }

  private static void abandon(Runnable discard, Throwable failure) {
    try {
      discard.run();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
