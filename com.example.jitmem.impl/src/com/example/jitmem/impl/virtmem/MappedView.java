// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Mapped memory that belongs to an arena and can be written: what [DefaultVirtMem#alloc] returned,
/// or the writable view of a dual mapping.
///
/// Thread-safe. While its access is changed it cannot be unmapped, so that a change never meets
/// memory that was mapped at the same address since.
final class MappedView {
  private final MemorySegment memory;
  private final long pageSize;
  private final long executedAddress;
  private final boolean dual;
  private final AccessMap access;
  private final WeakReference<MemorySegment.Scope> scope;
  private final Runnable unmap;
  private final Optional<ThreadToggledMemory> toggled;
  private boolean unmapped;

  /// Describes memory that was mapped.
  ///
  /// @param memory all its pages
  /// @param pageSize the size of these pages
  /// @param executedAddress where the first byte is executed
  /// @param access its access
  /// @param scope the scope of the arena it belongs to, held weakly so that an automatic arena ends
  /// @param unmap unmaps it, without throwing
  /// @param toggled what writes it, if threads have to toggle for that
  MappedView(
      MemorySegment memory,
      long pageSize,
      long executedAddress,
      Set<MemoryAccess> access,
      MemorySegment.Scope scope,
      Runnable unmap,
      Optional<ThreadToggledMemory> toggled) {
    this.memory = memory;
    this.pageSize = pageSize;
    this.executedAddress = executedAddress;
    this.dual = executedAddress != memory.address();
    this.access = new AccessMap(access);
    this.scope = new WeakReference<>(scope);
    this.unmap = unmap;
    this.toggled = toggled;
  }

  long address() {
    return memory.address();
  }

  /// All its pages.
  MemorySegment memory() {
    return memory;
  }

  /// Whether a segment is a part of this memory and of its arena.
  boolean contains(MemorySegment segment) {
    long offset = segment.address() - memory.address();
    return offset >= 0
        && offset <= memory.byteSize() - segment.byteSize()
        && segment.scope().equals(scope.get());
  }

  /// The means to write this memory where plain stores cannot.
  Optional<ThreadToggledMemory> toggled() {
    return toggled;
  }

  boolean isDual() {
    return dual;
  }

  /// Whether all of a segment may be written.
  synchronized boolean isWritable(MemorySegment segment) {
    long offset = segment.address() - memory.address();
    return access.allows(offset, offset + segment.byteSize(), MemoryAccess.WRITE);
  }

  /// Changes the access to all pages that a segment touches. If the system refuses, the access is
  /// as before. Where it refuses that too, it is unknown which of the two pages have, and this
  /// object takes them for accessible only as both allow.
  ///
  /// @throws IllegalArgumentException if the segment does not start on a page
  /// @throws IllegalStateException if the memory was unmapped
  synchronized void protect(Os os, MemorySegment segment, Set<MemoryAccess> newAccess) {
    if (unmapped) {
      throw new IllegalStateException("Arena is closed");
    }
    long start = segment.address() - memory.address();
    if (start % pageSize != 0) {
      throw new IllegalArgumentException(
          "Segment does not start on a page of " + pageSize + " bytes: " + segment);
    }
    long end = Pages.roundUp(start + segment.byteSize(), pageSize);
    try {
      os.protect(segment.address(), end - start, newAccess);
    } catch (RuntimeException | Error e) {
      restore(os, start, end, newAccess, e);
      throw e;
    }
    access.set(start, end, newAccess);
  }

  /// Linux changes one mapping after the other and stops at the first that it refuses to change.
  private void restore(Os os, long start, long end, Set<MemoryAccess> refused, Throwable failure) {
    for (AccessMap.Part part : access.parts(start, end)) {
      try {
        os.protect(address() + part.start(), part.end() - part.start(), part.access());
      } catch (VirtMemException e) {
        failure.addSuppressed(e);
        access.set(part.start(), part.end(), common(part.access(), refused));
      }
    }
  }

  private static Set<MemoryAccess> common(Set<MemoryAccess> first, Set<MemoryAccess> second) {
    Set<MemoryAccess> common = EnumSet.noneOf(MemoryAccess.class);
    common.addAll(first);
    common.retainAll(second);
    return common;
  }

  /// Flushes the instruction cache for a part, where it is executed, unless the memory is gone.
  synchronized void flush(FlushList written) {
    if (!unmapped) {
      written.flush();
    }
  }

  long executedAddress(MemorySegment segment, long offset) {
    return executedAddress + (segment.address() - memory.address()) + offset;
  }

  /// Unmaps the memory. Only the first call has an effect.
  synchronized void unmap() {
    if (!unmapped) {
      unmapped = true;
      unmap.run();
    }
  }
}
