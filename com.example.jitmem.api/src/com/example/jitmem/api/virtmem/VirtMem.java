// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/// Pages of the process: mapped, protected, mapped twice.
///
/// This is the low-level service. For small pieces of code use a
/// `com.example.jitmem.api.allocator.JitAllocator`, which needs no page per function.
///
/// Closing the [Arena] that memory was allocated in unmaps it; there is no `release`, so nothing
/// can be released twice. Memory of an automatic arena is unmapped once it is unreachable, that of
/// the global arena never.
///
/// Accessing a segment in a way its pages do not allow, for instance writing to one that was
/// allocated without [MemoryAccess#WRITE], crashes the JVM.
///
/// All methods are thread-safe.
@ProviderType
public interface VirtMem {
  /// The sizes in which the system hands out memory.
  ///
  /// @return the same value in every call
  VirtMemInfo info();

  /// The size of a large page, also called huge page.
  ///
  /// @return the size in bytes, a power of two; empty if the system has none. A known size does not
  ///     mean that such pages are free or that the process may use them.
  OptionalLong largePageSize();

  /// Maps memory that nothing else uses. It reads as zero.
  ///
  /// @param byteSize the size in bytes, at least 1; whole pages are mapped. With
  ///     [MapOption#LARGE_PAGES] a multiple of [#largePageSize()].
  /// @param access the initial access; [MemoryAccess#NONE] reserves addresses
  /// @param options how it is mapped
  /// @param arena closing it unmaps the memory
  /// @return a segment of `byteSize` bytes that starts on a page
  /// @throws IllegalArgumentException if the size is below 1 or above what an address can hold, or
  ///     not a multiple of the large page size if large pages are requested
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException if the system refuses
  MemorySegment alloc(long byteSize, Set<MemoryAccess> access, Set<MapOption> options, Arena arena);

  /// Maps memory that nothing else uses, near an address. It reads as zero.
  ///
  /// @param byteSize the size in bytes, at least 1; whole pages are mapped, and all of them are in
  ///     the vicinity. With [MapOption#LARGE_PAGES] a multiple of [#largePageSize()].
  /// @param access the initial access; [MemoryAccess#NONE] reserves addresses
  /// @param options how it is mapped
  /// @param vicinity the addresses allowed
  /// @param arena closing it unmaps the memory
  /// @return a segment of `byteSize` bytes that starts on a page
  /// @throws IllegalArgumentException if the size is below 1 or above what an address can hold, or
  ///     not a multiple of the large page size if large pages are requested
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException with [VirtMemException.Reason#OUT_OF_MEMORY] if no gap of the
  ///     vicinity is large enough, with [VirtMemException.Reason#NOT_SUPPORTED] if this system
  ///     cannot place memory, else if it refuses; nothing is left mapped
  MemorySegment alloc(
      long byteSize,
      Set<MemoryAccess> access,
      Set<MapOption> options,
      Vicinity vicinity,
      Arena arena);

  /// Changes the access to memory that [#alloc] returned. All pages that the segment touches are
  /// changed as a whole, so a segment that ends inside a page affects the rest of that page.
  ///
  /// Hardened systems refuse to add [MemoryAccess#EXECUTE] to memory that was mapped without it.
  ///
  /// @param segment memory that [#alloc] returned, or a part of it that starts on a page
  /// @param access the new access
  /// @throws IllegalArgumentException if the segment is not such memory, is empty, or does not
  ///     start on a page
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  /// @throws VirtMemException if the system refuses; the access is then as before. If the system
  ///     has changed some pages and refuses to change them back (added as suppressed), each page
  ///     has one access or the other
  void protect(MemorySegment segment, Set<MemoryAccess> access);

  /// Maps the same memory twice, once to execute it and once to write it. It reads as zero.
  ///
  /// @param byteSize the size in bytes, at least 1; whole pages are mapped
  /// @param options how it is mapped; a dual mapping is always [MapOption#SHARED]
  /// @param arena closing it unmaps both views
  /// @return two segments of `byteSize` bytes that start on a page
  /// @throws IllegalArgumentException if the size is below 1 or above what an address can hold, or
  ///     not a multiple of the large page size if large pages are requested
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException with [VirtMemException.Reason#NOT_SUPPORTED] if the system has no
  ///     dual mapping, else if it refuses; nothing is left mapped
  DualMapping allocDualMapping(long byteSize, Set<MapOption> options, Arena arena);

  /// Maps the same memory twice, once to execute it near an address and once to write it anywhere.
  /// It reads as zero.
  ///
  /// @param byteSize the size in bytes, at least 1; whole pages are mapped
  /// @param options how it is mapped; a dual mapping is always [MapOption#SHARED]
  /// @param vicinity where all pages of the executable view lie
  /// @param arena closing it unmaps both views
  /// @return two segments of `byteSize` bytes that start on a page
  /// @throws IllegalArgumentException if the size is below 1 or above what an address can hold, or
  ///     not a multiple of the large page size if large pages are requested
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  /// @throws VirtMemException with [VirtMemException.Reason#OUT_OF_MEMORY] if no gap of the
  ///     vicinity is large enough, with [VirtMemException.Reason#NOT_SUPPORTED] if the system has
  ///     no dual mapping or cannot place memory, else if it refuses; nothing is left mapped
  DualMapping allocDualMapping(
      long byteSize, Set<MapOption> options, Vicinity vicinity, Arena arena);

  /// What this process is allowed to do with code. The first call tries it, and later calls return
  /// the same answer, with two exceptions: while a way was refused only because the system was
  /// short of a resource, each call tries that way again; and after a policy has refused executable
  /// memory to this library, the next call tries again what worked before. A policy that was
  /// activated later goes unnoticed until it refuses something.
  ///
  /// @return the result of the trial
  HardenedRuntimeInfo hardenedRuntimeInfo();

  /// Makes written code visible to the processors that execute it.
  ///
  /// Does nothing on x86, whose caches are coherent.
  ///
  /// @param segment the code at the address where it is executed, not where it was written; native
  ///     and alive
  /// @throws IllegalArgumentException if the segment is on the heap
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  void flushInstructionCache(MemorySegment segment);

  /// Lets the calling thread write or execute memory mapped with [MapOption#MAP_JIT].
  ///
  /// Does nothing on systems without per-thread access, which are all but macOS on AArch64. On
  /// macOS on AArch64 the JVM's own compiled code lies in such memory, so a thread could not return
  /// from this call; the call is therefore refused. Use [#openReadWriteScope] instead.
  ///
  /// @param access the new access of the thread
  /// @throws UnsupportedOperationException on macOS on AArch64
  void protectJitMemory(ProtectJitAccess access);

  /// Opens a scope in which code is written in the way that works in this process.
  ///
  /// If the memory is writable anyway the scope only records what has to be flushed.
  ///
  /// @param segment memory that [#alloc] returned and that may be written, or the writable view of
  ///     a dual mapping, or a part of either
  /// @param policy whether the instruction cache is flushed when the scope ends. A flush covers the
  ///     same bytes of the executable view.
  /// @return the open scope
  /// @throws IllegalArgumentException if the segment is not such memory
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  ProtectJitReadWriteScope openReadWriteScope(MemorySegment segment, CachePolicy policy);
}
