// SPDX-License-Identifier: Apache-2.0

/// The heap of one region, as integers: no lock, no call, nothing of jitmem imported. The rest of
/// the allocator talks to [com.example.jitmem.impl.allocator.space.RegionHeap] only.
///
/// ```
/// region   reserved addresses, at most 2 GiB
/// ├─ block   64 KiB or more: the step of committing and decommitting
/// │  └─ granule   64, 128 or 256 bytes: the unit of allocation
///
/// blocks   │ committed        │ committed       │ uncommitted │ committed    │
/// granules │P│live│fr│pend│live│reserved│ free   │             │P│ wilderness │
///           └ padding: one reserved granule at the start of each committed run
/// ```
///
/// Words: a *run* is live (a span), pending (a span that has ended and is not coalesced yet), free,
/// or reserved (in use by no span: padding, memory on its way to or from the system, an ended span
/// that is still written). A span *ends*; its granules are *freed*; blocks are *committed* and
/// *decommitted*.
///
/// Algorithms, by the names under which they can be looked up:
///
/// - *boundary tags* (Knuth, The Art of Computer Programming 1, section 2.5, 1968), as bits beside
///   the memory and not in it: `BoundaryTags`
/// - *segregated fits* over *hierarchical bitmaps*, lowest address first, with four classes per
///   doubling, like the *two-level segregated fit* (Masmano et al., TLSF: a New Dynamic Memory
///   Allocator for Real-Time Systems, 2004): `SegregatedFits`, `SizeClasses`, `LargeRuns`,
///   `HierarchicalBitmap`
/// - *wilderness preservation* (Korn and Vo, In Search of a Better Malloc, 1985; the top chunk of
///   `dlmalloc`): `FreeRuns`
/// - *deferred coalescing* and *quick lists* (Wilson et al., Dynamic Storage Allocation: A Survey
///   and Critical Review, 1995): `Coalescer`, `CoalescingQueue`, `QuickBins`
/// - two-step commit and decommit, with the call to the system between the steps: `BlockGrowth`,
///   `BlockDecommit`
@NullMarked
package com.example.jitmem.impl.allocator.space;

import org.jspecify.annotations.NullMarked;
