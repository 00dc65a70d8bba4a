// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.SpanWriter;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.ViewDelegate;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// One bundle's view of a shared allocator: both services in one object, because they share one
/// registration. Delegates to the bundle's view and to a runtime on that view.
final class BundleView implements JitAllocator, JitRuntime, ViewDelegate {
  private final AllocatorView view;
  private final JitRuntime runtime;

  /// @param view the bundle's view of the allocator
  /// @param runtime a runtime on the view
  BundleView(AllocatorView view, JitRuntime runtime) {
    this.view = view;
    this.runtime = runtime;
  }

  @Override
  public AllocatorView view() {
    return view;
  }

  @Override
  public Span alloc(long byteSize) {
    return view.alloc(byteSize);
  }

  @Override
  public Span alloc(SpanRequest request) {
    return view.alloc(request);
  }

  @Override
  public CodeGroup openGroup() {
    return view.openGroup();
  }

  @Override
  public void release(MemorySegment rx) {
    view.release(rx);
  }

  @Override
  public void shrink(Span span, long newByteSize) {
    view.shrink(span, newByteSize);
  }

  @Override
  public Optional<Span> query(MemorySegment address) {
    return view.query(address);
  }

  @Override
  public void write(Span span, long offset, MemorySegment source, CachePolicy policy) {
    view.write(span, offset, source, policy);
  }

  @Override
  public <C, X extends Exception> void write(
      Span span, C context, SpanWriter<? super C, X> writer, CachePolicy policy) throws X {
    view.write(span, context, writer, policy);
  }

  @Override
  public WriteScope openWriteScope(CachePolicy policy) {
    return view.openWriteScope(policy);
  }

  @Override
  public Statistics statistics() {
    return view.statistics();
  }

  @Override
  public JitAllocatorParameters parameters() {
    return view.parameters();
  }

  @Override
  public JitAllocatorParameters requestedParameters() {
    return view.requestedParameters();
  }

  @Override
  public CodeWriting codeWriting() {
    return view.codeWriting();
  }

  @Override
  public List<RefusedWay> refusedWays() {
    return view.refusedWays();
  }

  @Override
  public void reset(ResetPolicy policy) {
    view.reset(policy);
  }

  @Override
  public JitFunction add(MemorySegment code, FunctionDescriptor type, FunctionOptions options) {
    return runtime.add(code, type, options);
  }

  @Override
  public <X extends Exception> JitFunction add(
      long maxByteSize, CodeEmitter<X> emitter, FunctionDescriptor type, FunctionOptions options)
      throws X {
    return runtime.add(maxByteSize, emitter, type, options);
  }

  @Override
  public MethodHandle bind(MemorySegment entry, FunctionDescriptor type) {
    return runtime.bind(entry, type);
  }

  /// This object: the allocator it is injected as.
  @Override
  public JitAllocator allocator() {
    return this;
  }

  @Override
  public Architecture architecture() {
    return runtime.architecture();
  }
}
