// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/// Executable memory in pieces of any size.
///
/// An injected object is one user's view of a shared allocator: nothing done through it ends what
/// belongs to others. A [JitAllocatorFactory] creates an allocator for a single user.
///
/// Where a method takes a segment to find a span, only its address counts, even if the segment has
/// ended.
///
/// All methods are thread-safe unless they say otherwise. Every method that takes an object throws
/// [NullPointerException] when it is null. A method that throws has changed nothing unless it says
/// otherwise.
@ProviderType
public interface JitAllocator {
  /// The largest size of a span in bytes: 2 GiB less the smallest granule. With larger granules the
  /// limit is 2 GiB less one of those.
  long MAX_SPAN_BYTE_SIZE = (1L << 31) - JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE;

  /// Allocates a span that its caller closes.
  ///
  /// @param byteSize the size in bytes, from 1 to [#MAX_SPAN_BYTE_SIZE]
  /// @return a span of at least that size, aligned to a granule; its content is undefined unless
  ///     [JitAllocatorOption#FILL_UNUSED_MEMORY] is set
  /// @throws IllegalArgumentException if the size is out of range
  /// @throws IllegalStateException if the allocator has ended
  /// @throws VirtMemException if the system refuses memory
  Span alloc(long byteSize);

  /// Allocates a span that ends with an arena.
  ///
  /// For many spans one common arena is cheaper than one arena each: see [CodeGroup].
  ///
  /// @param byteSize the size in bytes, from 1 to [#MAX_SPAN_BYTE_SIZE]
  /// @param arena closing it ends the span
  /// @return a span of at least that size, aligned to a granule
  /// @throws IllegalArgumentException if the size is out of range
  /// @throws IllegalStateException if the arena is closed or the allocator has ended
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException if the system refuses memory
  default Span alloc(long byteSize, Arena arena) {
    return alloc(SpanRequest.of(byteSize).withArena(arena));
  }

  /// Allocates a span.
  ///
  /// @param request the size, placement and lifetime of the span
  /// @return the span
  /// @throws IllegalArgumentException if the size and the alignment together exceed a region
  /// @throws IllegalStateException if the arena is closed or the allocator has ended
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException if the system refuses memory
  Span alloc(SpanRequest request);

  /// Opens a group of spans that end together.
  ///
  /// @return a group with an arena of its own
  /// @throws IllegalStateException if the allocator has ended
  CodeGroup openGroup();

  /// Ends the span that starts at an address, as [Span#close()] does.
  ///
  /// Only the start of a live span of this view is accepted: an address that is unknown, inside a
  /// span, already released, or another user's is refused. A reused address belongs to its new
  /// owner.
  ///
  /// @param rx a segment with the address where the span is executed
  /// @throws IllegalArgumentException if no live span of this view starts there
  /// @throws UnsupportedOperationException if the span has an arena, which ends it
  void release(MemorySegment rx);

  /// Frees the tail of a span.
  ///
  /// @param span a live span of this view
  /// @param newByteSize the size to keep in bytes, from 1 to the size of the span; it is rounded up
  ///     to whole granules
  /// @throws IllegalArgumentException if the size is out of range or the span is not one of this
  ///     view
  /// @throws IllegalStateException if the span has ended
  void shrink(Span span, long newByteSize);

  /// Finds the span that contains an address.
  ///
  /// @param address a segment whose address is looked up
  /// @return the span with its true start and size, whether or not this view owns it; empty if the
  ///     address is in none
  Optional<Span> query(MemorySegment address);

  /// Copies code into a span.
  ///
  /// Where memory is alternately writable and executable ([CodeWriting.WriteThenSeal]), the system
  /// may allow writing and then refuse to make the memory executable again, for instance under a
  /// policy that was activated after the allocator was created. Then the content of the span is
  /// lost, and calling it crashes the JVM until a later write succeeds.
  ///
  /// @param span a live span of this view
  /// @param offset where to write, in bytes from the start of the span
  /// @param source the bytes to write, on or off the heap; may be empty
  /// @param policy whether the instruction cache is flushed for what was written
  /// @throws IndexOutOfBoundsException if the bytes do not fit
  /// @throws IllegalArgumentException if the span is not one of this view
  /// @throws IllegalStateException if the span has ended, or the arena of `source` is closed
  /// @throws WrongThreadException if `source`, or the arena of the span, is confined to another
  ///     thread
  /// @throws VirtMemException if the system refuses to make the memory writable, or executable
  ///     again
  void write(Span span, long offset, MemorySegment source, CachePolicy policy);

  /// Lets a function write code into a span and frees what it does not need.
  ///
  /// @param <X> the exception that writing may throw
  /// @param span a live span of this view
  /// @param writer writes the code; must not release the span
  /// @param policy whether the instruction cache is flushed for the bytes the writer says it needs
  /// @throws X if the writer does; what it wrote until then stays
  /// @throws IllegalArgumentException if the span is not one of this view, or the writer returned a
  ///     size below 1 or above that of the span; what it wrote stays
  /// @throws IllegalStateException if the span has ended
  /// @throws WrongThreadException if the arena of the span is confined to another thread
  /// @throws VirtMemException if the system refuses to make the memory writable, or executable
  ///     again; the span keeps its size
  default <X extends Exception> void write(Span span, WriteFunction<X> writer, CachePolicy policy)
      throws X {
    write(span, writer, (target, function) -> function.write(target), policy);
  }

  /// Lets a function write code into a span, passes it an object, and frees what it does not need.
  /// With this form the function can be a constant.
  ///
  /// @param <C> the type of the object
  /// @param <X> the exception that writing may throw
  /// @param span a live span of this view
  /// @param context passed to the writer
  /// @param writer writes the code; must not release the span
  /// @param policy whether the instruction cache is flushed for the bytes the writer says it needs
  /// @throws X if the writer does; what it wrote until then stays
  /// @throws IllegalArgumentException if the span is not one of this view, or the writer returned a
  ///     size below 1 or above that of the span; what it wrote stays
  /// @throws IllegalStateException if the span has ended
  /// @throws WrongThreadException if the arena of the span is confined to another thread
  /// @throws VirtMemException if the system refuses to make the memory writable, or executable
  ///     again; the span keeps its size
  <C, X extends Exception> void write(
      Span span, C context, SpanWriter<? super C, X> writer, CachePolicy policy) throws X;

  /// Opens a scope in which several writes are done as one.
  ///
  /// @param policy whether the instruction cache is flushed for what was written
  /// @return a scope of the calling thread, which must close it
  /// @throws IllegalStateException if the allocator has ended
  WriteScope openWriteScope(CachePolicy policy);

  /// The current figures.
  ///
  /// @return a snapshot
  Statistics statistics();

  /// The parameters in effect. They differ from [#requestedParameters()] where the system did not
  /// grant what was requested. [JitAllocatorOption#USE_DUAL_MAPPING] is in effect exactly where
  /// memory is mapped twice; without it, [#codeWriting()] tells whether the one mapping is writable
  /// and executable at once or alternately.
  ///
  /// @return the parameters of new spans
  JitAllocatorParameters parameters();

  /// The parameters that were requested.
  ///
  /// @return the parameters of new spans
  JitAllocatorParameters requestedParameters();

  /// How code of this allocator is written. The way is chosen when parameters come into effect, and
  /// does not change until new ones do. A policy that the process activates later can make new
  /// spans fail; an allocator created after that adapts to the policy.
  ///
  /// @return the way in which new spans are written
  CodeWriting codeWriting();

  /// The ways of writing code that were tried before [#codeWriting()], and why each was refused.
  ///
  /// @return an unmodifiable list in the order in which they were tried, empty where the first way
  ///     works
  List<RefusedWay> refusedWays();

  /// Ends all spans of this view that have no arena. Their segments and addresses must not be used
  /// any more.
  ///
  /// @param policy how much memory is kept; where others use the allocator too, memory that holds
  ///     their spans is kept in any case
  /// @throws IllegalStateException if a span of this view has an arena, even if no thread is inside
  ///     its code: close the arena, the group or the protected function first
  void reset(ResetPolicy policy);
}
