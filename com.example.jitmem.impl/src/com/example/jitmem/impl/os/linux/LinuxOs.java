// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_FIXED;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_PRIVATE;
import static com.example.jitmem.impl.os.posix.PosixMemory.MAP_SHARED;
import static com.example.jitmem.impl.os.posix.PosixMemory.NO_FILE;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_NONE;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressRange;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.OsFacts;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The port for Linux.
///
/// Tried on Linux 6.18.
///
/// Thread-safe as the port says.
public final class LinuxOs implements Os {
  /// What AsmJit takes for the step of addresses on POSIX systems: enough for a few functions, and
  /// the largest page size of AArch64.
  private static final long GRANULARITY = 64 * 1024;

  private final PosixMemory memory;
  private final Reservations reservations;
  private final ResourceLimits limits;

  /// The kinds of shared memory, in the order in which they are tried.
  private final Map<Backing, SharedKind> kinds = new LinkedHashMap<>();

  private final MappingLog log;
  private final InstructionCache instructionCache;
  private final OsFacts facts;

  /// Opens the system this JVM runs on.
  ///
  /// @param processor the kind of processor
  /// @return the port
  /// @throws VirtMemException if the JVM denies native access
  public static LinuxOs ofProcess(Processor processor) {
    Downcalls calls = new Downcalls(Downcalls.ERRNO);
    // What gives memory back, which may have to be done when there is none
    calls.prepare(PosixMemory.MUNMAP, PosixMemory.CLOSE);
    return new LinuxOs(calls, processor, MappingLog.ofSystemProperty());
  }

  /// Asks the system for its facts.
  ///
  /// @param calls the way to the C library
  /// @param processor the kind of processor
  /// @param log where mappings are noted
  /// @throws VirtMemException if the JVM denies native access
  public LinuxOs(NativeCalls calls, Processor processor, MappingLog log) {
    this.memory = new PosixMemory(calls, new LinuxRefusals());
    this.log = log;
    this.instructionCache =
        new InstructionCache(
            calls,
            new MemoryBarrier(calls, LinuxConstants.SYS_MEMBARRIER_AARCH64),
            () -> CacheRoutine.placedBy(this));
    long pageSize = memory.pageSize();
    this.reservations = new Reservations(memory, log, pageSize);
    this.limits = new ResourceLimits(memory, pageSize);
    kinds.put(Backing.SHARED_ANONYMOUS, new SharedAnonymous(memory, log));
    kinds.put(Backing.MEMFD, new Memfd(memory, limits));
    addUnlinkedFile(Backing.SHARED_MEMORY_OBJECT, UnlinkedFile.SHM_FOLDER);
    addUnlinkedFile(Backing.TEMPORARY_FILE, System.getProperty("java.io.tmpdir", ""));
    this.facts =
        new OsFacts(
            "Linux on " + processor.displayName(),
            processor,
            pageSize,
            Math.max(pageSize, GRANULARITY),
            KernelFiles.largePageSize(),
            List.copyOf(kinds.keySet()),
            Optional.of(Backing.MEMFD));
  }

  private void addUnlinkedFile(Backing backing, String folder) {
    kinds.put(backing, new UnlinkedFile(memory, limits, backing, folder));
  }

  @Override
  public OsFacts facts() {
    return facts;
  }

  @Override
  public long map(
      long byteSize, Set<MemoryAccess> access, Set<MapOption> options, AddressWindow window) {
    long alignment =
        options.contains(MapOption.LARGE_PAGES) ? facts.largePageSize() : facts.pageSize();
    int protection = PosixMemory.protection(access);
    long address =
        reservations.map(byteSize, alignment, protection, flags(access, options), window);
    if (options.contains(MapOption.LARGE_PAGES)) {
      try {
        populate(address, byteSize, access);
      } catch (RuntimeException | Error e) {
        memory.giveBack(address, byteSize);
        throw e;
      }
    }
    log.mapped(address, byteSize, "memory");
    return address;
  }

  private int flags(Set<MemoryAccess> access, Set<MapOption> options) {
    int flags =
        LinuxConstants.MAP_ANONYMOUS
            | (options.contains(MapOption.SHARED) ? MAP_SHARED : MAP_PRIVATE);
    if (options.contains(MapOption.LARGE_PAGES)) {
      flags |= LinuxConstants.MAP_HUGETLB | largePageFlags();
    } else if (access.isEmpty()) {
      flags |= LinuxConstants.MAP_NORESERVE;
    }
    return flags;
  }

  @Override
  public void unmap(long address, long byteSize) {
    memory.giveBack(address, byteSize);
    log.unmapped(address, byteSize);
  }

  @Override
  public void protect(long address, long byteSize, Set<MemoryAccess> access) {
    memory.mprotect(address, byteSize, PosixMemory.protection(access));
  }

  @Override
  public long reserve(long byteSize, long alignment, AddressWindow window) {
    return reservations.reserve(byteSize, alignment, window);
  }

  @Override
  public long guardBytes() {
    return 2 * facts.pageSize();
  }

  @Override
  public void unreserve(long address, long byteSize) {
    reservations.unreserve(address, byteSize);
  }

  @Override
  public void commit(long address, long byteSize, Set<MemoryAccess> access) {
    int flags = MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS | MAP_FIXED;
    try {
      memory.mmap(address, byteSize, PosixMemory.protection(access), flags, NO_FILE, 0);
    } catch (RuntimeException | Error e) {
      // Kernels before 6.12 unmap what is there before the last reasons to fail.
      undo(e, () -> decommit(address, byteSize));
      throw e;
    }
  }

  @Override
  public long addressesLeft() {
    return limits.addressesLeft();
  }

  @Override
  public boolean hasPooledLargePages() {
    return KernelFiles.hasFreeLargePages(facts.largePageSize());
  }

  @Override
  public void commitPooled(long address, long byteSize, Set<MemoryAccess> access) {
    int flags =
        MAP_PRIVATE
            | LinuxConstants.MAP_ANONYMOUS
            | MAP_FIXED
            | LinuxConstants.MAP_HUGETLB
            | largePageFlags();
    try {
      memory.mmap(address, byteSize, PosixMemory.protection(access), flags, NO_FILE, 0);
      populate(address, byteSize, access);
    } catch (RuntimeException | Error e) {
      undo(e, () -> decommit(address, byteSize));
      throw e;
    }
  }

  /// Kernels before 5.14 cannot: there, pages of the pool are only set aside when they are mapped.
  @Override
  public void populate(long address, long byteSize, Set<MemoryAccess> access) {
    if (access.isEmpty()) {
      return;
    }
    int advice =
        access.contains(MemoryAccess.WRITE)
            ? LinuxConstants.MADV_POPULATE_WRITE
            : LinuxConstants.MADV_POPULATE_READ;
    try {
      memory.madvise(address, byteSize, advice);
    } catch (VirtMemException e) {
      if (e.osError().orElse(0) != LinuxErrno.EINVAL.code()) {
        throw e;
      }
    }
  }

  @Override
  public void decommit(long address, long byteSize) {
    int flags =
        MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS | LinuxConstants.MAP_NORESERVE | MAP_FIXED;
    memory.mmap(address, byteSize, PROT_NONE, flags, NO_FILE, 0);
  }

  @Override
  public SharedMemory createShared(Backing backing, long byteSize, boolean largePages) {
    return kind(backing).create(byteSize, largePages ? largePageFlags() : 0);
  }

  private SharedKind kind(Backing backing) {
    SharedKind kind = kinds.get(backing);
    if (kind == null) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "Linux has no shared memory of the kind " + backing);
    }
    return kind;
  }

  @Override
  public List<VirtMemException> refusedForms(Backing backing) {
    return kind(backing).refusedForms();
  }

  @Override
  public void allocateShared(SharedMemory shared, long offset, long byteSize) {
    kind(shared.backing()).allocate(shared, offset, byteSize);
  }

  @Override
  public void freeShared(SharedMemory shared, long offset, long byteSize) {
    kind(shared.backing()).free(shared, offset, byteSize);
  }

  @Override
  public void mapShared(
      SharedMemory shared, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    try {
      kind(shared.backing()).mapView(shared, offset, address, byteSize, access);
    } catch (RuntimeException | Error e) {
      undo(e, () -> decommit(address, byteSize));
      throw e;
    }
  }

  @Override
  public void discard(long address, long byteSize) {
    memory.madvise(address, byteSize, LinuxConstants.MADV_REMOVE);
  }

  @Override
  public void discardPrivate(long address, long byteSize, Set<MemoryAccess> access) {
    memory.madvise(address, byteSize, LinuxConstants.MADV_DONTNEED);
  }

  @Override
  public void closeShared(SharedMemory shared) {
    kind(shared.backing()).close(shared);
  }

  /// A page that is touched first of all, after `MADV_HUGEPAGE`, becomes a large page at once if
  /// the memory is private: so a first one is written, or read where it cannot be. `MADV_COLLAPSE`
  /// makes the large page in all other cases, and fails where no page at all is present.
  @Override
  public void preferLargePage(long address) {
    long largePageSize = facts.largePageSize();
    memory.tryAdvise(address, largePageSize, LinuxConstants.MADV_HUGEPAGE);
    if (!memory.tryAdvise(address, facts.pageSize(), LinuxConstants.MADV_POPULATE_WRITE)) {
      memory.tryAdvise(address, facts.pageSize(), LinuxConstants.MADV_POPULATE_READ);
    }
    memory.tryAdvise(address, largePageSize, LinuxConstants.MADV_COLLAPSE);
  }

  @Override
  public long largePageBytes(long address, long byteSize) {
    return KernelFiles.largePageBytes(address, byteSize);
  }

  @Override
  public void flushInstructionCache(long address, long byteSize) {
    if (!hasCoherentFetch()) {
      instructionCache.flush(List.of(new AddressRange(address, address + byteSize)));
    }
  }

  @Override
  public void flushInstructionCache(List<AddressRange> ranges) {
    if (!hasCoherentFetch()) {
      instructionCache.flush(ranges);
    }
  }

  @Override
  public int run(long address) {
    return NativeMemory.run(address);
  }

  private int largePageFlags() {
    return Long.numberOfTrailingZeros(facts.largePageSize()) << LinuxConstants.MAP_HUGE_SHIFT;
  }

  /// Undoes the steps before the one that failed.
  private static void undo(Throwable failure, Runnable undo) {
    try {
      undo.run();
    } catch (VirtMemException e) {
      failure.addSuppressed(e);
    }
  }
}
