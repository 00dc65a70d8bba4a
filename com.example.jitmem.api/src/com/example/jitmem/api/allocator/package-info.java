// SPDX-License-Identifier: Apache-2.0

/// Executable memory in pieces smaller than a page.
///
/// Notation, used in the documentation of the whole component:
///
/// - *granule*: the smallest unit of allocation, 64, 128 or 256 bytes
/// - *span*: what a caller holds, a run of whole granules
/// - *region*: one reserved range of addresses of at most 2 GiB, so that everything in it is within
///   reach of a 32-bit displacement
/// - *block*: the step in which memory of a region is committed, that is made usable, and
///   decommitted, that is returned to the system
/// - *pool*: the regions of one granule size
/// - *generation*: one set of parameters and its pools
/// - *view*: one user's side of a shared allocator; a span belongs to the view that allocated it
/// - *RX* and *RW*: the executable and the writable view of dual-mapped memory
///
/// *Arena* always means [java.lang.foreign.Arena], *page* a page of the operating system.
///
/// Consumers that call these types or implement [SpanWriter] import the package as `[1.0,2.0)`,
/// providers that implement the other interfaces as `[1.1,1.2)`.
@Export
@Version("1.1.0")
@NullMarked
package com.example.jitmem.api.allocator;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
