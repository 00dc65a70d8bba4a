// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Virtual memory as an operating system gives it. One implementation for each system.
///
/// For all methods, unless they say otherwise:
/// - a `byteSize` is positive and a whole number of pages ([OsFacts#pageSize]), an `address` begins
///   a page. Callers see to that, and to ranges being what a method asks for; implementations do
///   not check it.
/// - a refusal by the system is a [VirtMemException] with the C call, its error code, the code's
///   symbol and advice. What was there before the call is there after it, unless the system refuses
///   to undo a first step too: that refusal is then added as suppressed.
/// - *accessible* memory has at least one of read, write and execute access. A *reserved* range has
///   none, holds no memory, and its addresses are given to no other mapping. Nor can its *guards*
///   be accessed, at least a page before and a page after it: what runs off its ends faults.
///
/// Implementations are thread-safe for ranges that do not overlap.
public interface Os {
  /// What is known of the system.
  ///
  /// @return the same object in every call
  OsFacts facts();

  /// Maps memory that reads as zero.
  ///
  /// @param byteSize the size in bytes; whole large pages with [MapOption#LARGE_PAGES]
  /// @param access what may be done with it
  /// @param options how it is mapped; those that the system has no counterpart for are ignored
  /// @param window where all of it lies
  /// @return the address
  /// @throws VirtMemException with [VirtMemException.Reason#OUT_OF_MEMORY] if no gap of the window
  ///     is large enough, with another reason if the system refuses; nothing is mapped
  long map(long byteSize, Set<MemoryAccess> access, Set<MapOption> options, AddressWindow window);

  /// Unmaps memory. The pages go back to the system unless another view of shared
  /// memory holds them.
  ///
  /// What the system refuses to unmap is not lost: it stays mapped, and an implementation tries it
  /// again when memory is mapped or unmapped next.
  ///
  /// @param address what [#map] returned
  /// @param byteSize the size given there
  /// @throws VirtMemException if the system refuses, where trying again cannot help
  void unmap(long address, long byteSize);

  /// Changes the access to memory that [#map] returned, or to a part of it. Systems that refuse may
  /// have changed some of the pages (mprotect in POSIX.1); they are left so.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param access what may be done with it from now on
  /// @throws VirtMemException if the system refuses
  void protect(long address, long byteSize, Set<MemoryAccess> access);

  /// Reserves a range of addresses and its guards, which may lie outside of the window.
  ///
  /// @param byteSize the size in bytes
  /// @param alignment what the address is a multiple of: a power of two, at least a page
  /// @param window where all of it lies
  /// @return the address
  /// @throws VirtMemException with [VirtMemException.Reason#OUT_OF_MEMORY] if no gap of the window
  ///     is large enough, with another reason if the system refuses; nothing is reserved
  long reserve(long byteSize, long alignment, AddressWindow window);

  /// Unmaps a reservation with its guards and all that is in it. The default is for systems that
  /// keep no more of a reservation than its range.
  ///
  /// @param address what [#reserve] returned
  /// @param byteSize the size given there
  /// @throws VirtMemException if the system refuses
  default void unreserve(long address, long byteSize) {
    unmap(address, byteSize);
  }

  /// The addresses that the guards of one reservation take. The default is for systems whose guards
  /// are no part of it.
  ///
  /// @return the size in bytes
  default long guardBytes() {
    return 0;
  }

  /// Puts private memory that reads as zero into a part of a reservation, in one step: no page
  /// gains an access that it was not mapped with.
  ///
  /// @param address the first page of a reserved range
  /// @param byteSize its size
  /// @param access what may be done with it
  /// @throws VirtMemException if the system refuses; the range is reserved as before
  void commit(long address, long byteSize, Set<MemoryAccess> access);

  /// How many bytes of addresses this process may still map before a limit of its own refuses more.
  ///
  /// @return the size in bytes; [Long#MAX_VALUE] where there is no limit, or none that is known
  default long addressesLeft() {
    return Long.MAX_VALUE;
  }

  /// Tells whether the system keeps a pool of large pages (Linux: hugetlb) that has free ones now.
  /// The default is for systems without a pool.
  ///
  /// @return whether [#commitPooled] may succeed
  default boolean hasPooledLargePages() {
    return false;
  }

  /// Does what [#commit] does, with large pages of the system's pool. All of them are present
  /// afterwards: a page that is missing when it is touched would end the process.
  ///
  /// @param address the first large page of a reserved range
  /// @param byteSize its size, whole large pages
  /// @param access what may be done with it
  /// @throws VirtMemException if the system refuses or has no pool; the range is reserved as before
  default void commitPooled(long address, long byteSize, Set<MemoryAccess> access) {
    throw new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED,
        facts().systemName() + " has no pool of large pages: use normal ones");
  }

  /// Makes the pages of accessible memory present, so that touching them cannot fail later on. The
  /// default is for systems where it never fails.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param access what may be done with it
  /// @throws VirtMemException if the system has no pages left; some may be present
  default void populate(long address, long byteSize, Set<MemoryAccess> access) {}

  /// Makes a part of a reservation reserved again, whatever is there. Private memory is given back;
  /// shared memory is not, see [#discard].
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @throws VirtMemException if the system refuses; the range is as before
  void decommit(long address, long byteSize);

  /// Makes memory of which several views can be mapped. It takes no memory before it is touched,
  /// reads as zero, and processes made by `fork` do not get its views.
  ///
  /// @param backing one of [OsFacts#dualBackings()], or [OsFacts#largePageBacking()] with
  ///     `largePages`
  /// @param byteSize the size in bytes; whole large pages with `largePages`
  /// @param largePages whether the memory consists of large pages
  /// @return the memory, to be closed by [#closeShared]
  /// @throws VirtMemException if the system refuses; nothing is left
  SharedMemory createShared(Backing backing, long byteSize, boolean largePages);

  /// Refusals that [#createShared] got over for a kind of memory, because another form of the same
  /// kind was not refused.
  ///
  /// @param backing the kind of memory
  /// @return the refusals, in the order in which the forms were tried
  default List<VirtMemException> refusedForms(Backing backing) {
    return List.of();
  }

  /// Sets memory aside for a part of shared memory, so that a store to a view of it cannot fail for
  /// want of space. Does nothing where that cannot happen.
  ///
  /// @param memory the shared memory
  /// @param offset where the part begins, whole pages
  /// @param byteSize its size
  /// @throws VirtMemException if there is not enough space
  default void allocateShared(SharedMemory memory, long offset, long byteSize) {}

  /// Gives back what [#allocateShared] set aside for a part that no view was mapped of. Never
  /// throws: what the system does not take back ends with the shared memory.
  ///
  /// @param memory the shared memory
  /// @param offset where the part begins
  /// @param byteSize its size
  default void freeShared(SharedMemory memory, long offset, long byteSize) {}

  /// Maps a view of a part of shared memory over a part of a reservation. The view is never both
  /// writable and executable, not even on the way.
  ///
  /// @param memory the shared memory
  /// @param offset where the part begins, whole pages
  /// @param address the first page of a reserved range
  /// @param byteSize the size of both
  /// @param access [MemoryAccess#RX] or [MemoryAccess#RW]
  /// @throws VirtMemException if the system refuses; the range is reserved as before
  void mapShared(
      SharedMemory memory, long offset, long address, long byteSize, Set<MemoryAccess> access);

  /// Gives the pages under a writable view of shared memory back to the system. They read as zero
  /// afterwards, in all views.
  ///
  /// @param address the first page of the view
  /// @param byteSize the size in bytes
  /// @throws VirtMemException if the system refuses; what the memory holds is undefined
  void discard(long address, long byteSize);

  /// Gives the pages of committed private memory back to the system. They read as zero afterwards;
  /// their addresses stay accessible.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param access the access the pages have
  /// @throws VirtMemException if the system refuses; what the memory holds is undefined, and where
  ///     `access` is without writing it may be writable and not executable
  void discardPrivate(long address, long byteSize, Set<MemoryAccess> access);

  /// Ends shared memory. Views of it stay as they are; the memory is given back with the last one.
  ///
  /// @param memory what [#createShared] returned
  /// @throws VirtMemException if the system refuses; nothing has ended then
  void closeShared(SharedMemory memory);

  /// Asks for accessible memory to be backed by one large page, by all means the system has.
  /// Content is kept. Refusals are no error: [#largePageBytes] tells the outcome.
  ///
  /// @param address where the large page begins, a multiple of [OsFacts#largePageSize()]
  void preferLargePage(long address);

  /// Measures how much of a range is mapped in large pages. Slow.
  ///
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @return the size in bytes; 0 also where the system does not tell
  long largePageBytes(long address, long byteSize);

  /// Memory that each thread can either write or execute, where the system has that.
  ///
  /// @return the same answer in every call
  default Optional<ThreadToggledMemory> threadToggled() {
    return Optional.empty();
  }

  /// Whether instructions are fetched as they were stored last, so that a flush has nothing to do.
  ///
  /// @return the same value in every call
  default boolean hasCoherentFetch() {
    return facts().processor().hasCoherentFetch();
  }

  /// Makes code that was written visible to all threads that execute it afterwards.
  ///
  /// Nothing is refused: where a system does not let this library reach threads that run at the
  /// moment, that is logged once, with the remedy.
  ///
  /// @param address where it is executed, which may be read; any address
  /// @param byteSize any size from 0
  /// @throws VirtMemException if the system has no means at all of doing it
  void flushInstructionCache(long address, long byteSize);

  /// Does [#flushInstructionCache(long,long)] for many ranges, with what reaches the other threads
  /// done once for all of them.
  ///
  /// @param ranges where the code is executed; best sorted and apart from each other
  /// @throws VirtMemException if the system has no means at all of doing it
  default void flushInstructionCache(List<AddressRange> ranges) {
    ranges.forEach(range -> flushInstructionCache(range.start(), range.byteSize()));
  }

  /// Runs a C function `int f(void)`, by which memory is tested.
  ///
  /// @param address its code
  /// @return what it returned
  int run(long address);
}
