// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/// A batch of writes: memory is made writable and executable again once for all of them, and the
/// instruction cache is flushed once.
///
/// Code may run after the next [#flush()] or [#close()]. Whatever a write function did not need of
/// its span is freed at the same time: a span keeps its size until its code is in place, and for
/// good if the system refuses to put it there. Until then, only as many bytes of the span can be
/// written as the function returned.
///
/// A scope belongs to the thread that opened it: every method throws [WrongThreadException] when
/// another thread calls it. A span may be released while a scope that wrote to it is open.
@ProviderType
public interface WriteScope extends AutoCloseable {
  /// Copies code into a span, see [JitAllocator#write(Span, long, MemorySegment, CachePolicy)].
  ///
  /// @param span a live span of the allocator
  /// @param offset where to write, in bytes from the start of the span
  /// @param source the bytes to write
  /// @throws IndexOutOfBoundsException if the bytes do not fit
  /// @throws IllegalArgumentException if the span is not one of this view
  /// @throws IllegalStateException if the span has ended or the scope is closed
  void write(Span span, long offset, MemorySegment source);

  /// Lets a function write code into a span, see [JitAllocator#write(Span, WriteFunction,
  /// CachePolicy)].
  ///
  /// @param <X> the exception that writing may throw
  /// @param span a live span of the allocator
  /// @param writer writes the code
  /// @throws X if the writer does
  /// @throws IllegalArgumentException if the span is not one of this view, or the writer returned a
  ///     size outside it
  /// @throws IllegalStateException if the span has ended or the scope is closed
  <X extends Exception> void write(Span span, WriteFunction<X> writer) throws X;

  /// Lets a function write code into a span and passes it an object, see
  /// [JitAllocator#write(Span, Object, SpanWriter, CachePolicy)].
  ///
  /// @param <C> the type of the object
  /// @param <X> the exception that writing may throw
  /// @param span a live span of the allocator
  /// @param context passed to the writer
  /// @param writer writes the code
  /// @throws X if the writer does
  /// @throws IllegalArgumentException if the span is not one of this view, or the writer returned a
  ///     size outside it
  /// @throws IllegalStateException if the span has ended or the scope is closed
  <C, X extends Exception> void write(Span span, C context, SpanWriter<? super C, X> writer)
      throws X;

  /// Makes everything written so far ready to run and keeps the scope open.
  ///
  /// @throws IllegalStateException if the scope is closed
  /// @throws VirtMemException if the system refuses to make the memory writable, or executable
  ///     again
  void flush();

  /// The policy the scope was opened with.
  ///
  /// @return the policy
  CachePolicy policy();

  /// The allocator the scope was opened on.
  ///
  /// @return the allocator
  JitAllocator allocator();

  /// Flushes and ends the scope. Does nothing if it is already closed.
  ///
  /// @throws VirtMemException if the system refuses to make the memory writable, or executable
  ///     again; the scope has ended
  @Override
  void close();
}
