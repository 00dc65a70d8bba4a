// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.osgi.annotation.versioning.ProviderType;

/// Code in memory that can be called.
///
/// All methods are thread-safe.
@ProviderType
public interface JitFunction extends AutoCloseable {
  /// Calls the code. A call through it does what the [CallSafety] of the function says when the
  /// function has ended.
  ///
  /// A handle in a `static final` field is called in a few nanoseconds.
  ///
  /// @return the same handle in every call; its type is the Java form of [#type()]
  MethodHandle handle();

  /// The signature of the code in C's terms.
  ///
  /// @return the descriptor the function was added with
  FunctionDescriptor type();

  /// The memory the code is in. It ends with the function, and its `close` is refused. Without an
  /// arena, which only functions that are [CallSafety#CHECKED] or [CallSafety#UNCHECKED] can be, it
  /// can still be released by its address, which ends the function.
  ///
  /// @return the span, shrunk to the code
  Span span();

  /// Ends the function and gives its memory back. Does nothing when it has ended.
  ///
  /// @throws IllegalStateException if the function is protected and a thread is inside it; it has
  ///     not ended then, and closing can be tried again
  /// @throws UnsupportedOperationException if the function was added with an arena, which ends it
  @Override
  void close();
}
