// SPDX-License-Identifier: Apache-2.0

/// The allocator: regions, pools and generations, how spans begin and end, and the views of its
/// users. Plain Java that knows neither an operating system nor OSGi. It reaches memory through one
/// port, [com.example.jitmem.impl.memory.CodeMemorySource], so that a fake can stand in for the
/// system.
///
/// ```
/// SharedAllocator ─ AllocatorView ─ SpanHandle   users: one view each, many handles
///        │
///     SpanCore    one lock (SeqLock)
///        │
///   Generation    one set of parameters
///        │
///      Pool       one granule size; CommitPolicy: how much is committed
///        │
///     Region      one reservation; space.RegionHeap: its granules and blocks;
///                 SpanVersions, Owners, SpanRecords: its spans
/// ```
///
/// The words, each with one meaning. A *span* is what a user holds; it *ends*, and its granules are
/// *freed*. A *handle* is the object a user holds of it. A *granule* is the unit of allocation, a
/// *block* the unit in which memory is *committed* and *decommitted*, a *region* what is *reserved*
/// and *unreserved*. A *pool* has the regions of one granule size, a *generation* the pools of one
/// set of parameters; the current one takes new spans, the others *drain*. A *place* is a region
/// and a granule in one number. To *enter* is to write into the tables. A *purge* decommits what
/// has been empty for a while, in *ticks*.
///
/// Ways through it:
///
/// - A span begins: `AllocatorView.alloc`, where memory is free `Pool.allocate`, else
///   `SpanPlacer`, which commits blocks or reserves a region.
/// - A span ends: `SpanHandle.close`, `SpanCore.end`; `Decommitter` decides by `CommitPolicy` what
///   goes back to the system and leaves it in `DeferredWork`, which `Reclaimer` does without the
///   lock.
/// - Many spans end: `BulkEnd`. Nothing happens for a while: `PurgeTimer`, `Purger`, `Purge`.
///
/// Algorithms, by the names under which they can be looked up; those of the heap stand in
/// `com.example.jitmem.impl.allocator.space`:
///
/// - *seqlock*, with optimistic reads (Boehm, Can Seqlocks Get Along With Programming Language
///   Memory Models?, 2012): `SeqLock`
/// - *version counts against ABA* (Treiber, Systems Programming: Coping with Parallelism, 1986):
///   `SpanVersions`
/// - *hazard pointers* (Michael, Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects,
///   2004), with a slot for a place and not for a thread: `WriterSlots`
/// - *batching* of scattered accesses, so that a processor waits for several cache misses at once:
///   `ReleaseBuffer`
@NullMarked
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.NullMarked;
