// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.osgi.annotation.versioning.ProviderType;

/// A callable function in executable memory.
///
/// All methods are thread-safe.
@ProviderType
public interface JitFunction extends AutoCloseable {
  /// The handle that calls the code. The [CallSafety] of the function decides what a call does
  /// after the function has ended.
  ///
  /// A call through a handle in a `static final` field takes some 2 to 20 ns, depending on the
  /// options of the function.
  ///
  /// @return the same handle in every call; its type is the Java form of [#type()]
  MethodHandle handle();

  /// The signature of the code in C's terms.
  ///
  /// @return the descriptor the function was added with
  FunctionDescriptor type();

  /// The memory that holds the code. It ends with the function, and its `close` throws. If the
  /// function is [CallSafety#CHECKED] or [CallSafety#UNCHECKED] and so has no arena, the span can
  /// still be released by its address, which ends the function.
  ///
  /// @return the span, shrunk to the code
  Span span();

  /// Ends the function and frees its memory. Does nothing if it has ended.
  ///
  /// @throws IllegalStateException if the function is protected and a thread is inside it; the
  ///     function has not ended then, and closing can be tried again
  /// @throws UnsupportedOperationException if the function was added with an arena, which ends it
  @Override
  void close();
}
