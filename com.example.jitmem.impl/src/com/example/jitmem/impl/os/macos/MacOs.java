// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

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
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.NativeMemory;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.OsFacts;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.ThreadToggledMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The port for macOS.
///
/// On x86-64 memory can be mapped twice by `mach_vm_remap`; see [RemappedMemory]. On AArch64 only
/// `MAP_JIT` memory can be executed after it was written, and each thread toggles between the two;
/// see [JitMemory]. There are no large pages.
///
/// Thread-safe as the port says.
public final class MacOs implements Os {
  /// As on Linux.
  private static final long GRANULARITY = 64 * 1024;

  private final NativeCalls calls;
  private final PosixMemory memory;
  private final MacReservations reservations;
  private final RemappedMemory remapped;
  private final Optional<ThreadToggledMemory> toggled;
  private final OsFacts facts;

  /// How code is written.
  public enum Kind {
    /// Memory can be mapped twice.
    REMAPPED,
    /// Threads toggle between writing and executing.
    TOGGLED
  }

  /// Opens the system this JVM runs on.
  ///
  /// @param processor the kind of processor
  /// @return the port
  /// @throws VirtMemException if the JVM denies native access
  public static MacOs ofProcess(Processor processor) {
    Kind kind =
        switch (processor) {
          case X86_64 -> Kind.REMAPPED;
          case AARCH64 -> Kind.TOGGLED;
        };
    return new MacOs(new Downcalls(Downcalls.ERRNO), processor, kind, CopyCall.ofProcess());
  }

  /// Asks the system for its facts.
  ///
  /// @param calls the way to the C library
  /// @param processor the kind of processor
  /// @param kind how code is written; goes with the processor, but for tests
  /// @param copyCall what calls the routine that writes toggled memory
  /// @throws VirtMemException if the JVM denies native access
  public MacOs(NativeCalls calls, Processor processor, Kind kind, CopyCall copyCall) {
    MacRefusals refusals = new MacRefusals();
    this.calls = calls;
    this.memory = new PosixMemory(calls, refusals);
    this.remapped = new RemappedMemory(memory, new MachMemory(calls, refusals));
    long pageSize = memory.pageSize();
    this.reservations = new MacReservations(memory, pageSize);
    boolean toggles = kind == Kind.TOGGLED;
    this.toggled =
        toggles
            ? Optional.of(new JitMemory(memory, calls, reservations, pageSize, copyCall))
            : Optional.empty();
    this.facts =
        new OsFacts(
            "macOS on " + processor.displayName(),
            processor,
            pageSize,
            Math.max(pageSize, GRANULARITY),
            0,
            toggles ? List.of() : List.of(Backing.REMAPPED),
            Optional.empty());
  }

  @Override
  public OsFacts facts() {
    return facts;
  }

  @Override
  public Optional<ThreadToggledMemory> threadToggled() {
    return toggled;
  }

  /// `MAP_JIT` is left out of shared memory, where the system refuses it.
  @Override
  public long map(
      long byteSize, Set<MemoryAccess> access, Set<MapOption> options, AddressWindow window) {
    int protection = PosixMemory.protection(access);
    return reservations.map(byteSize, protection, flags(options), window);
  }

  private static int flags(Set<MapOption> options) {
    if (options.contains(MapOption.SHARED)) {
      return MacConstants.MAP_ANON | MAP_SHARED;
    }
    boolean jit = options.contains(MapOption.MAP_JIT);
    return MacConstants.MAP_ANON | MAP_PRIVATE | (jit ? MacConstants.MAP_JIT : 0);
  }

  @Override
  public void unmap(long address, long byteSize) {
    memory.munmap(address, byteSize);
  }

  @Override
  public void protect(long address, long byteSize, Set<MemoryAccess> access) {
    memory.mprotect(address, byteSize, PosixMemory.protection(access));
  }

  @Override
  public long reserve(long byteSize, long alignment, AddressWindow window) {
    return reservations.reserve(byteSize, alignment, 0, window);
  }

  @Override
  public void unreserve(long address, long byteSize) {
    reservations.unreserve(address, byteSize);
  }

  @Override
  public void commit(long address, long byteSize, Set<MemoryAccess> access) {
    int flags = MAP_PRIVATE | MacConstants.MAP_ANON | MAP_FIXED;
    memory.mmap(address, byteSize, PosixMemory.protection(access), flags, NO_FILE, 0);
  }

  @Override
  public void decommit(long address, long byteSize) {
    int flags = MAP_PRIVATE | MacConstants.MAP_ANON | MacConstants.MAP_NORESERVE | MAP_FIXED;
    memory.mmap(address, byteSize, PROT_NONE, flags, NO_FILE, 0);
  }

  @Override
  public SharedMemory createShared(Backing backing, long byteSize, boolean largePages) {
    if (backing != Backing.REMAPPED || largePages || toggled.isPresent()) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          facts.systemName() + " has no shared memory of the kind " + backing);
    }
    return remapped.create(byteSize);
  }

  @Override
  public void mapShared(
      SharedMemory shared, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    try {
      remapped.map(shared, offset, address, byteSize, access);
    } catch (VirtMemException e) {
      try {
        decommit(address, byteSize);
      } catch (VirtMemException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /// Whether pages that are no longer needed keep what they hold is undefined, so they are cleared
  /// first.
  @Override
  public void discard(long address, long byteSize) {
    NativeMemory.clear(address, byteSize);
    memory.madvise(address, byteSize, MacConstants.MADV_FREE_REUSABLE);
  }

  @Override
  public void discardPrivate(long address, long byteSize, Set<MemoryAccess> access) {
    NativeMemory.whileWritable(this, address, byteSize, access, () -> discard(address, byteSize));
  }

  @Override
  public void closeShared(SharedMemory shared) {
    remapped.close(shared);
  }

  @Override
  public void preferLargePage(long address) {}

  @Override
  public long largePageBytes(long address, long byteSize) {
    return 0;
  }

  @Override
  public void flushInstructionCache(long address, long byteSize) {
    if (!hasCoherentFetch()) {
      calls.call(MacFunctions.ICACHE_INVALIDATE, address, byteSize);
    }
  }

  @Override
  public int run(long address) {
    return NativeMemory.run(address);
  }
}
