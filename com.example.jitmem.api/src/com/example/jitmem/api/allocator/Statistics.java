// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import org.osgi.annotation.versioning.ProviderType;

/// A consistent snapshot of an allocator's figures. Unless a method says otherwise they cover the
/// whole allocator: all views, and former generations too.
///
/// Objects are immutable snapshots.
@ProviderType
public interface Statistics {
  /// The number of live spans.
  ///
  /// @return the count
  long spanCount();

  /// The granules of all live spans. Padding is not included.
  ///
  /// @return the size in bytes
  long usedBytes();

  /// The committed memory, which is usable without a system call. Dual-mapped memory counts once.
  ///
  /// @return the size in bytes
  long reservedBytes();

  /// The address space that is reserved for one view of the memory, committed or not, including the
  /// guard pages of its regions.
  ///
  /// @return the size in bytes
  long addressSpaceBytes();

  /// The part of [#reservedBytes()] that former generations hold because spans still live in them.
  ///
  /// @return the size in bytes
  long drainingBytes();

  /// The size of the allocator's tables on the Java heap, without the objects that its users hold.
  ///
  /// @return the size in bytes
  long metadataBytes();

  /// The part of [#reservedBytes()] that the system backs with large pages. Only memory that was
  /// allocated with [JitAllocatorOption#USE_LARGE_PAGES] is examined. 0 may also mean that it is
  /// unknown: the system does not report it, or the report (Linux: `/proc/self/smaps`) could not be
  /// read, for instance because the process has no descriptor left.
  ///
  /// @return the size in bytes
  long largePageBytes();

  /// The number of committed blocks.
  ///
  /// @return the count
  long blockCount();

  /// The largest value of [#spanCount()] so far.
  ///
  /// @return the count
  long peakSpanCount();

  /// The largest value of [#usedBytes()] so far.
  ///
  /// @return the size in bytes
  long peakUsedBytes();

  /// The largest value of [#reservedBytes()] so far.
  ///
  /// @return the size in bytes
  long peakReservedBytes();

  /// The number of times the system or a quota refused memory.
  ///
  /// @return the count
  long failureCount();

  /// The number of live spans of the view that returned this object.
  ///
  /// @return the count
  long ownSpanCount();

  /// The granules of all live spans of the view that returned this object.
  ///
  /// @return the size in bytes
  long ownUsedBytes();

  /// The committed memory that no span uses, including padding.
  ///
  /// @return the size in bytes
  default long unusedBytes() {
    return reservedBytes() - usedBytes();
  }

  /// The part of the committed memory that spans use.
  ///
  /// @return a ratio from 0 to 1; 0 if nothing is committed
  default double usedRatio() {
    return reservedBytes() == 0 ? 0 : (double) usedBytes() / reservedBytes();
  }

  /// The part of the committed memory that no span uses.
  ///
  /// @return a ratio from 0 to 1; 0 if nothing is committed
  default double unusedRatio() {
    return reservedBytes() == 0 ? 0 : (double) unusedBytes() / reservedBytes();
  }

  /// The size of the allocator's tables in relation to the committed memory.
  ///
  /// @return a ratio; 0 if nothing is committed
  default double metadataRatio() {
    return reservedBytes() == 0 ? 0 : (double) metadataBytes() / reservedBytes();
  }
}
