// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// Executable memory of the operating system, written in one way.
final class SystemCodeMemory implements CodeMemory {
  private static final long MAX_REGION_SIZE = 2L * 1024 * 1024 * 1024;

  /// Which part of the addresses that are left a new region takes at most.
  private static final long ADDRESS_SHARE = 8;

  /// Regions that are smaller than the largest page would not even save addresses.
  private static final long LEAST_REGION_SIZE = 1024 * 1024;

  private final Os os;
  private final CodeWriting way;
  private final List<RefusedWay> refused;
  private final LargePages.Source largePages;
  private final Consumer<VirtMemException> refusals;

  SystemCodeMemory(Os os, CodeWriting way, boolean largePages) {
    this(os, way, List.of(), largePages, refusal -> {});
  }

  /// @param refused what was tried before this way
  /// @param refusals learns why the system refuses memory of this way later
  SystemCodeMemory(
      Os os,
      CodeWriting way,
      List<RefusedWay> refused,
      boolean largePages,
      Consumer<VirtMemException> refusals) {
    this.os = os;
    this.way = way;
    this.refused = refused;
    this.refusals = refusals;
    this.largePages = source(os, way, largePages);
  }

  /// Code that is sealed is written page by page: with pages of the pool that would be a lot of
  /// other code that must not run meanwhile.
  private static LargePages.Source source(Os os, CodeWriting way, boolean wanted) {
    if (!wanted || os.facts().largePageSize() == 0) {
      return LargePages.Source.NONE;
    }
    return os.hasPooledLargePages() && !(way instanceof CodeWriting.WriteThenSeal)
        ? LargePages.Source.POOL
        : LargePages.Source.ADVICE;
  }

  @Override
  public CodeWriting codeWriting() {
    return way;
  }

  @Override
  public List<RefusedWay> refusedWays() {
    return refused;
  }

  /// Whole pages where code cannot run while its page is written, so that writing one span never
  /// touches another.
  @Override
  public long writtenUnit() {
    return way instanceof CodeWriting.WriteThenSeal ? pageSize() : 1;
  }

  @Override
  public long pageSize() {
    return largePages == LargePages.Source.POOL ? largePageSize() : os.facts().pageSize();
  }

  @Override
  public long largePageSize() {
    return largePages == LargePages.Source.NONE ? 0 : os.facts().largePageSize();
  }

  @Override
  public int trapPattern() {
    return os.facts().processor().trapPattern();
  }

  @Override
  public CodeRegion reserve(long byteSize) {
    return reserve(byteSize, AddressWindow.ANYWHERE);
  }

  @Override
  public CodeRegion reserveNear(long byteSize, Vicinity vicinity) {
    return reserve(byteSize, AddressWindow.of(vicinity));
  }

  /// An eighth of what is left, for all views together: the JVM and the C library need addresses
  /// too, for the stacks of threads and the heaps of the C library for instance.
  @Override
  public long advisableRegionByteSize(long byteSize) {
    long left = os.addressesLeft();
    if (left == Long.MAX_VALUE) {
      return byteSize;
    }
    long advisable = Long.highestOneBit(Math.max(1, left / ADDRESS_SHARE / rangesPerRegion()));
    return Math.min(byteSize, Math.max(advisable, Math.max(LEAST_REGION_SIZE, pageSize())));
  }

  /// How many ranges of its size a region takes: views, and the first view of memory without a
  /// file.
  private int rangesPerRegion() {
    return switch (way) {
      case CodeWriting.DualMapped(CodeWriting.Backing backing) ->
          backing == CodeWriting.Backing.SHARED_ANONYMOUS ? 3 : 2;
      default -> 1;
    };
  }

  private CodeRegion reserve(long byteSize, AddressWindow window) {
    if (byteSize <= 0 || byteSize > MAX_REGION_SIZE || byteSize % pageSize() != 0) {
      throw new IllegalArgumentException(
          "Region size is not a multiple of "
              + pageSize()
              + " up to "
              + MAX_REGION_SIZE
              + " bytes: "
              + byteSize);
    }
    try {
      ViewedRegion region = reserveView(byteSize, window);
      region.tellRefusals(refusals);
      return region;
    } catch (VirtMemException e) {
      refusals.accept(e);
      throw e;
    }
  }

  private ViewedRegion reserveView(long byteSize, AddressWindow window) {
    long alignment = Math.max(REGION_ALIGNMENT, largePageSize());
    return switch (way) {
      case CodeWriting.Direct() ->
          DirectRegion.reserve(os, byteSize, alignment, window, largePages);
      case CodeWriting.DualMapped(CodeWriting.Backing backing) -> {
        SharedMemory memory = os.createShared(backing, byteSize, false);
        yield DualRegion.reserve(os, memory, alignment, window, largePages);
      }
      case CodeWriting.WriteThenSeal() ->
          SealedRegion.reserve(os, byteSize, alignment, window, largePages);
      case CodeWriting.ThreadToggled() -> reserveToggled(byteSize, alignment, window);
      case CodeWriting.Unavailable() ->
          throw new VirtMemException(
              VirtMemException.Reason.NOT_SUPPORTED, "There are no regions written by " + way);
    };
  }

  private ViewedRegion reserveToggled(long byteSize, long alignment, AddressWindow window) {
    ThreadToggledMemory toggled =
        os.threadToggled().orElseThrow(() -> notSupported("threads that toggle"));
    if (!window.isAnywhere()) {
      throw notSupported("memory that is placed near an address: leave the vicinity out");
    }
    return ToggledRegion.reserve(os, toggled, byteSize, alignment);
  }

  private VirtMemException notSupported(String what) {
    return new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED, os.facts().systemName() + " has no " + what);
  }

  @Override
  public WriteSession openSession(CachePolicy policy) {
    Objects.requireNonNull(policy);
    return switch (way) {
      case CodeWriting.WriteThenSeal(), CodeWriting.ThreadToggled() ->
          new CopyingWriteSession(os, policy);
      case CodeWriting.Direct(), CodeWriting.DualMapped(_), CodeWriting.Unavailable() ->
          new ViewWriteSession(os, policy);
    };
  }
}
