// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// A region with a view through which committed memory is written, at any time or between
/// [#beginWriting] and [#endWriting].
abstract class ViewedRegion implements CodeRegion {
  private static final ValueLayout.OfInt PATTERN =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// How much is copied at a time when memory is filled: as much as stays in a first-level cache.
  private static final long FILL_CHUNK = 16 * 1024;

  final Os os;
  private final MemorySegment executed;
  private final MemorySegment written;
  private final AccessibleRuns accessible = new AccessibleRuns(HoleBudget.OF_PROCESS);
  private final AtomicBoolean released = new AtomicBoolean();
  private volatile Consumer<VirtMemException> refusals = refusal -> {};

  ViewedRegion(Os os, MemorySegment executed, MemorySegment written) {
    this.os = os;
    this.executed = executed;
    this.written = written;
  }

  /// Sets the listener for refusals by the system.
  final void tellRefusals(Consumer<VirtMemException> listener) {
    refusals = listener;
  }

  /// Reports a refusal by the system.
  final void refused(VirtMemException refusal) {
    refusals.accept(refusal);
  }

  @Override
  public final MemorySegment rx() {
    return executed.asReadOnly();
  }

  /// The parts of the region that can be accessed.
  final AccessibleRuns accessible() {
    return accessible;
  }

  /// The whole region at the addresses where it is written, in the global scope.
  final MemorySegment written() {
    return written;
  }

  final long executedAddress(long offset) {
    return executed.address() + offset;
  }

  final long writtenAddress(long offset) {
    return written.address() + offset;
  }

  final long byteSize() {
    return executed.byteSize();
  }

  @Override
  public final void commit(long offset, long byteSize) {
    requirePages(offset, byteSize);
    try {
      commitPages(offset, byteSize);
    } catch (VirtMemException e) {
      refused(e);
      throw e;
    }
  }

  abstract void commitPages(long offset, long byteSize);

  @Override
  public final void decommit(long offset, long byteSize) {
    requirePages(offset, byteSize);
    decommitPages(offset, byteSize);
  }

  abstract void decommitPages(long offset, long byteSize);

  @Override
  public final long largePageBytes() {
    return released.get() ? 0 : largePages().byteSize();
  }

  abstract LargePages largePages();

  @Override
  public final long addressSpaceBytes() {
    return byteSize() + os.guardBytes();
  }

  @Override
  public final void write(long offset, MemorySegment source, CachePolicy policy) {
    Objects.requireNonNull(policy);
    requireHeld();
    beginWriting(offset, source.byteSize());
    try {
      store(offset, source);
    } finally {
      endWriting(offset, source.byteSize());
    }
    if (policy != CachePolicy.NEVER_FLUSH) {
      flush(offset, source.byteSize());
    }
  }

  @Override
  public final void fill(long offset, long byteSize, int pattern) {
    requireHeld();
    beginWriting(offset, byteSize);
    try {
      storePattern(offset, byteSize, pattern);
    } finally {
      endWriting(offset, byteSize);
    }
    flush(offset, byteSize);
  }

  /// Makes a committed range writable. Does nothing if it always is.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses; nothing has
  ///     changed
  void beginWriting(long offset, long byteSize) {}

  /// Makes a range executable again that was made writable.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses; what was
  ///     written stays, but cannot be executed
  void endWriting(long offset, long byteSize) {}

  /// Copies bytes to a range that was made writable.
  void store(long offset, MemorySegment source) {
    MemorySegment.copy(source, 0, written, offset, source.byteSize());
  }

  /// Fills a range that was made writable.
  void storePattern(long offset, long byteSize, int pattern) {
    fill(written.asSlice(offset, byteSize), pattern);
  }

  /// Fills memory with a pattern.
  static void fill(MemorySegment target, int pattern) {
    if (pattern == Integer.rotateLeft(pattern, Byte.SIZE)) {
      target.fill((byte) pattern);
    } else {
      fillByDoubling(target, pattern);
    }
  }

  private static void fillByDoubling(MemorySegment target, int pattern) {
    if (target.byteSize() % Integer.BYTES != 0) {
      throw new IllegalArgumentException(
          "Range to fill is not a multiple of the pattern: " + target.byteSize() + " bytes");
    }
    if (target.byteSize() == 0) {
      return;
    }
    target.set(PATTERN, 0, pattern);
    long filled = Integer.BYTES;
    while (filled < target.byteSize()) {
      long step = Math.min(Math.min(filled, FILL_CHUNK), target.byteSize() - filled);
      MemorySegment.copy(target, 0, target, filled, step);
      filled += step;
    }
  }

  /// Flushes the instruction cache for a range, at the addresses where it is executed.
  final void flush(long offset, long byteSize) {
    os.flushInstructionCache(executedAddress(offset), byteSize);
  }

  @Override
  public final void release() {
    if (released.compareAndSet(false, true)) {
      releasePages();
      accessible.clear();
    }
  }

  abstract void releasePages();

  final void requireHeld() {
    if (released.get()) {
      throw new IllegalStateException("Region is released");
    }
  }

  private void requirePages(long offset, long byteSize) {
    requireHeld();
    Objects.checkFromIndexSize(offset, byteSize, byteSize());
    long pageSize = os.facts().pageSize();
    if (byteSize == 0 || offset % pageSize != 0 || byteSize % pageSize != 0) {
      throw new IllegalArgumentException(
          "Not whole pages of " + pageSize + " bytes: " + byteSize + " at " + offset);
    }
  }
}
