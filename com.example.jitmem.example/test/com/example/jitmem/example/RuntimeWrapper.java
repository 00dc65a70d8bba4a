// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// A runtime that does what another does, for tests that change one thing.
class RuntimeWrapper implements JitRuntime {
  private final JitRuntime runtime;

  RuntimeWrapper(JitRuntime runtime) {
    this.runtime = runtime;
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

  @Override
  public JitAllocator allocator() {
    return runtime.allocator();
  }

  @Override
  public Architecture architecture() {
    return runtime.architecture();
  }
}
