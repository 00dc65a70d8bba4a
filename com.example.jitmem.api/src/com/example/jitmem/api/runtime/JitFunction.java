// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/// A callable function in executable memory.
///
/// A [CallSafety#PROTECTED] function of which neither this object nor its handle can be reached any
/// more ends on its own after a garbage collection, unless its address was told: by [#span()], to
/// an
/// emitter, or by [com.example.jitmem.api.allocator.JitAllocator#query].
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

  /// The function as an interface of the JDK, for instance `IntBinaryOperator`. A call is as fast
  /// as
  /// one through [#handle()], and as safe.
  ///
  /// @param <T> the interface
  /// @param functionalInterface a functional interface of the JDK whose method matches the
  /// function:
  ///     arguments and result are converted as [MethodHandle#asType] does
  /// @return an instance of a hidden class. It keeps the function as its handle does.
  /// @throws IllegalArgumentException if it is not such an interface
  <T> T as(Class<T> functionalInterface);

  /// The function as any functional interface.
  ///
  /// @param <T> the interface
  /// @param lookup a lookup with full privilege access, as `MethodHandles.lookup()` gives it, of a
  ///     class that can implement the interface. The hidden class is defined in its package.
  /// @param functionalInterface an interface with one abstract method, perhaps inherited and
  /// generic,
  ///     that matches the function: arguments and result are converted as [MethodHandle#asType]
  /// does
  /// @return an instance of a hidden class. It keeps the function as its handle does.
  /// @throws IllegalArgumentException if the interface is sealed, hidden, not functional or not
  ///     accessible, if its method does not match, or if the lookup lacks access
  <T> T as(MethodHandles.Lookup lookup, Class<T> functionalInterface);

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

  /// Tells whether the function can be called.
  ///
  /// @return false after it was closed or retired, its arena was closed, or its memory was released
  boolean isLive();

  /// Ends the function with the last call: calls that have begun go on, new ones throw. Never
  /// refused because a thread is inside, also not when called from an upcall of the function
  /// itself.
  /// Does nothing the second time.
  ///
  /// The memory of a protected function is freed after the last call has returned and, if a segment
  /// of the span was asked for, no thread accesses it: within some 50 ms, by a thread that adds or
  /// closes a function of the allocator or by one that the allocator starts. Dependent actions of
  /// the stage run in that thread. Free there what the code refers to, such as constants and upcall
  /// stubs.
  ///
  /// [CallSafety#CHECKED] and [CallSafety#UNCHECKED] functions do not know their callers: they end
  /// at once, as by [#close()].
  ///
  /// @return completed when the memory was freed; its result has no meaning. The same in effect for
  ///     every call.
  /// @throws UnsupportedOperationException if the function was added with an arena, which ends it
  CompletionStage<?> retire();

  /// Ends the function and frees its memory. Does nothing if it has ended.
  ///
  /// @throws IllegalStateException if the function is protected and a thread is inside it, or
  ///     accesses a segment of its span; the function has not ended then, and closing can be tried
  ///     again. If that thread is the calling one, in an upcall, [#retire()] is what ends it.
  /// @throws UnsupportedOperationException if the function was added with an arena, which ends it
  @Override
  void close();
}
