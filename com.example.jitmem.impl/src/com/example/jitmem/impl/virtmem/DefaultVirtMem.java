// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemInfo;
import com.example.jitmem.impl.memory.Segments;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.OsFacts;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/// Virtual memory of this process.
///
/// Makes no native call before a method is called that needs the system; each of those throws
/// [VirtMemException] where the system is not supported or the JVM denies native access.
public final class DefaultVirtMem implements VirtMem {
  private final Supplier<WritingWays> ways;
  private final MappedViews views = new MappedViews();

  /// Memory of this process.
  public DefaultVirtMem() {
    this(WritingWays::ofProcess);
  }

  DefaultVirtMem(Supplier<WritingWays> ways) {
    this.ways = ways;
  }

  private Os os() {
    return ways.get().os();
  }

  @Override
  public VirtMemInfo info() {
    OsFacts facts = os().facts();
    return new VirtMemInfo(facts.pageSize(), facts.pageGranularity());
  }

  @Override
  public OptionalLong largePageSize() {
    long byteSize = os().facts().largePageSize();
    return byteSize == 0 ? OptionalLong.empty() : OptionalLong.of(byteSize);
  }

  @Override
  public MemorySegment alloc(
      long byteSize, Set<MemoryAccess> access, Set<MapOption> options, Arena arena) {
    return alloc(byteSize, access, options, AddressWindow.ANYWHERE, arena);
  }

  @Override
  public MemorySegment alloc(
      long byteSize,
      Set<MemoryAccess> access,
      Set<MapOption> options,
      Vicinity vicinity,
      Arena arena) {
    return alloc(byteSize, access, options, AddressWindow.of(vicinity), arena);
  }

  private MemorySegment alloc(
      long byteSize,
      Set<MemoryAccess> access,
      Set<MapOption> options,
      AddressWindow window,
      Arena arena) {
    Set<MemoryAccess> granted = Set.copyOf(access);
    Set<MapOption> chosen = Set.copyOf(options);
    Objects.requireNonNull(arena);
    Pages.requirePositive(byteSize);
    Os os = os();
    long pageSize = pageSize(os.facts(), chosen);
    long mappedSize = mappedSize(byteSize, pageSize, chosen);
    Segments.requireUsable(arena);
    Optional<ThreadToggledMemory> toggled =
        chosen.contains(MapOption.MAP_JIT) ? os.threadToggled() : Optional.empty();
    long address = map(mappedSize, granted, chosen, window);
    MappedView view;
    try {
      Runnable unmap = () -> Releases.attempt(() -> os.unmap(address, mappedSize));
      MemorySegment memory = NativeMemory.at(address, mappedSize);
      view = new MappedView(memory, pageSize, address, granted, arena.scope(), unmap, toggled);
    } catch (RuntimeException | Error e) {
      Releases.attempt(() -> os.unmap(address, mappedSize));
      throw e;
    }
    return attach(view, byteSize, arena);
  }

  private long map(
      long byteSize, Set<MemoryAccess> access, Set<MapOption> options, AddressWindow window) {
    try {
      return os().map(byteSize, access, options, window);
    } catch (VirtMemException e) {
      ways.get().refused(access, e);
      throw e;
    }
  }

  @Override
  public DualMapping allocDualMapping(long byteSize, Set<MapOption> options, Arena arena) {
    return allocDualMapping(byteSize, options, AddressWindow.ANYWHERE, arena);
  }

  @Override
  public DualMapping allocDualMapping(
      long byteSize, Set<MapOption> options, Vicinity vicinity, Arena arena) {
    return allocDualMapping(byteSize, options, AddressWindow.of(vicinity), arena);
  }

  private DualMapping allocDualMapping(
      long byteSize, Set<MapOption> options, AddressWindow window, Arena arena) {
    Set<MapOption> chosen = Set.copyOf(options);
    Objects.requireNonNull(arena);
    Pages.requirePositive(byteSize);
    Os os = os();
    long pageSize = pageSize(os.facts(), chosen);
    long mappedSize = mappedSize(byteSize, pageSize, chosen);
    Segments.requireUsable(arena);
    DualRegion region = mapped(os, chosen, mappedSize, pageSize, window);
    MappedView view;
    try {
      view =
          new MappedView(
              region.written(),
              pageSize,
              region.executedAddress(0),
              MemoryAccess.RW,
              arena.scope(),
              region::release,
              Optional.empty());
    } catch (RuntimeException | Error e) {
      region.release();
      throw e;
    }
    MemorySegment written = attach(view, byteSize, arena);
    return new DualMapping(Segments.bind(region.rx().asSlice(0, byteSize), arena), written);
  }

  private DualRegion mapped(
      Os os, Set<MapOption> options, long byteSize, long pageSize, AddressWindow window) {
    Backing backing = backing(options);
    boolean largePages = options.contains(MapOption.LARGE_PAGES);
    try {
      return DualRegion.mapped(os, backing, byteSize, pageSize, window, largePages);
    } catch (VirtMemException e) {
      ways.get().refused(new CodeWriting.DualMapped(backing), e);
      throw e;
    }
  }

  private Backing backing(Set<MapOption> options) {
    WritingWays known = ways.get();
    if (options.contains(MapOption.LARGE_PAGES)) {
      return known.os().facts().largePageBacking().orElseThrow(DefaultVirtMem::noLargePages);
    }
    return ((CodeWriting.DualMapped) known.dual(options.contains(MapOption.PREFER_TMP)).way())
        .backing();
  }

  /// Ties mapped memory to an arena. If that fails, nothing is left mapped, also if it was an error
  /// of the JVM.
  private MemorySegment attach(MappedView view, long byteSize, Arena arena) {
    try {
      views.add(view);
      return Segments.bind(view.memory(), byteSize, arena, () -> end(view));
    } catch (RuntimeException | Error e) {
      end(view);
      throw e;
    }
  }

  private void end(MappedView view) {
    views.remove(view);
    view.unmap();
  }

  private static long pageSize(OsFacts facts, Set<MapOption> options) {
    if (!options.contains(MapOption.LARGE_PAGES)) {
      return facts.pageSize();
    }
    if (facts.largePageSize() == 0) {
      throw noLargePages();
    }
    return facts.largePageSize();
  }

  private static VirtMemException noLargePages() {
    return new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED,
        "This system has no large pages: leave out " + MapOption.LARGE_PAGES);
  }

  private static long mappedSize(long byteSize, long pageSize, Set<MapOption> options) {
    long mappedSize = Pages.roundUp(byteSize, pageSize);
    if (mappedSize != byteSize && options.contains(MapOption.LARGE_PAGES)) {
      throw new IllegalArgumentException(
          "Size is not a multiple of the large page size " + pageSize + ": " + byteSize);
    }
    return mappedSize;
  }

  @Override
  public void protect(MemorySegment segment, Set<MemoryAccess> access) {
    Set<MemoryAccess> granted = Set.copyOf(access);
    MappedView view = view(segment);
    if (view.isDual()) {
      throw new IllegalArgumentException("The access of a dual mapping is fixed: " + segment);
    }
    try {
      view.protect(os(), segment, granted);
    } catch (VirtMemException e) {
      ways.get().refused(granted, e);
      throw e;
    }
  }

  @Override
  public HardenedRuntimeInfo hardenedRuntimeInfo() {
    return ways.get().hardenedRuntimeInfo();
  }

  @Override
  public void flushInstructionCache(MemorySegment segment) {
    Segments.requireAccessible(segment, "segment");
    if (!segment.isNative()) {
      throw new IllegalArgumentException("Segment is on the heap: " + segment);
    }
    os().flushInstructionCache(segment.address(), segment.byteSize());
  }

  /// Refused where it would have an effect, and does nothing anywhere else.
  @Override
  public void protectJitMemory(ProtectJitAccess access) {
    Objects.requireNonNull(access);
    if (os().threadToggled().isPresent()) {
      throw new UnsupportedOperationException(
          "The JVM's own code lies in such memory, so the thread could not return: use"
              + " openReadWriteScope");
    }
  }

  @Override
  public ProtectJitReadWriteScope openReadWriteScope(MemorySegment segment, CachePolicy policy) {
    Objects.requireNonNull(policy);
    MappedView view = view(segment);
    if (segment.isReadOnly() || !view.isWritable(segment)) {
      throw new IllegalArgumentException("Memory cannot be written: " + segment);
    }
    return new ViewReadWriteScope(os(), view, segment, policy);
  }

  private MappedView view(MemorySegment segment) {
    Segments.requireAccessible(segment, "segment");
    if (segment.byteSize() == 0) {
      throw new IllegalArgumentException("Segment is empty: " + segment);
    }
    return views
        .find(segment)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Segment is not memory that this service can change: " + segment));
  }
}
