// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_COMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_LARGE_PAGES;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RELEASE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESERVE;

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
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The port for Windows.
///
/// Regions are placeholders (`VirtualAlloc2`), which is what lets a part of a reservation be
/// replaced by a view in one step. Private memory is reserved, committed and decommitted by
/// `VirtualAlloc` and `VirtualFree`. Shared memory is a section of the paging file for each part
/// that is committed at once; see [SharedSections] for why.
///
/// Windows has no `fork`. Large pages cannot be had afterwards, so that [#preferLargePage] does
/// nothing. Mappings of large pages take the privilege to lock memory, which is enabled here where
/// the user has it.
///
/// Thread-safe as the port says.
public final class WindowsOs implements Os {
  private static final long NULL = 0;

  private final WindowsMemory memory;
  private final SystemInfo info;
  private final LockMemoryPrivilege privilege;
  private final ReservedMemory reserved;
  private final WorkingSet workingSet;
  private final OsFacts facts;

  /// Opens the system this JVM runs on.
  ///
  /// @param processor the kind of processor
  /// @return the port
  /// @throws VirtMemException if the JVM denies native access
  public static WindowsOs ofProcess(Processor processor) {
    return new WindowsOs(new Downcalls(Downcalls.LAST_ERROR), processor);
  }

  /// Asks the system for its facts.
  ///
  /// @param calls the way to the system's libraries
  /// @param processor the kind of processor
  /// @throws VirtMemException if the JVM denies native access
  public WindowsOs(NativeCalls calls, Processor processor) {
    this.memory = new WindowsMemory(calls);
    this.info = SystemInfo.of(memory);
    this.privilege = new LockMemoryPrivilege(memory);
    this.reserved = new ReservedMemory(memory, info.pageSize());
    long largePageSize = memory.attempt(WindowsFunctions.GET_LARGE_PAGE_MINIMUM).value();
    this.workingSet = new WorkingSet(memory, largePageSize);
    this.facts =
        new OsFacts(
            "Windows on " + processor.displayName(),
            processor,
            info.pageSize(),
            info.allocationGranularity(),
            largePageSize,
            List.of(Backing.SECTION),
            largePageSize == 0 ? Optional.empty() : Optional.of(Backing.SECTION));
  }

  @Override
  public OsFacts facts() {
    return facts;
  }

  /// Memory without access is committed too, so that access can be given to it afterwards. Options
  /// other than large pages have no counterpart.
  @Override
  public long map(
      long byteSize, Set<MemoryAccess> access, Set<MapOption> options, AddressWindow window) {
    int type = allocationType(options);
    int protection = WindowsConstants.protection(access);
    if (window.isAnywhere()) {
      return memory.call(WindowsFunctions.VIRTUAL_ALLOC, NULL, byteSize, type, protection).value();
    }
    long step = alignment(options.contains(MapOption.LARGE_PAGES) ? facts.largePageSize() : 0);
    return mapWithin(byteSize, type, protection, step, window);
  }

  private long mapWithin(long byteSize, int type, int protection, long step, AddressWindow window) {
    Bounds bounds = Bounds.of(window, byteSize, step, 0, 0, info);
    try (Arena arena = Arena.ofConfined()) {
      long parameter =
          AddressRequirements.parameter(arena, bounds.lowest(), bounds.highest(), step).address();
      return memory
          .call(
              WindowsFunctions.VIRTUAL_ALLOC2,
              memory.process(),
              NULL,
              byteSize,
              type,
              protection,
              parameter,
              1)
          .value();
    } catch (VirtMemException e) {
      throw Bounds.explained(e, window, byteSize);
    }
  }

  private int allocationType(Set<MapOption> options) {
    if (!options.contains(MapOption.LARGE_PAGES)) {
      return MEM_RESERVE | MEM_COMMIT;
    }
    privilege.enable();
    return MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES;
  }

  @Override
  public void unmap(long address, long byteSize) {
    memory.free(address, 0, MEM_RELEASE);
  }

  @Override
  public void protect(long address, long byteSize, Set<MemoryAccess> access) {
    memory.protect(address, byteSize, WindowsConstants.protection(access));
  }

  @Override
  public long reserve(long byteSize, long alignment, AddressWindow window) {
    long step = alignment(alignment);
    if (window.isAnywhere()) {
      return reserved.reserve(byteSize, new Bounds(0, 0), step);
    }
    Bounds bounds = Bounds.of(window, byteSize, step, step, info.pageSize(), info);
    try {
      return reserved.reserve(byteSize, bounds, step);
    } catch (VirtMemException e) {
      throw Bounds.explained(e, window, byteSize);
    }
  }

  @Override
  public void unreserve(long address, long byteSize) {
    reserved.release(address);
  }

  private long alignment(long alignment) {
    return Math.max(alignment, info.allocationGranularity());
  }

  @Override
  public void commit(long address, long byteSize, Set<MemoryAccess> access) {
    reserved.commit(address, byteSize, WindowsConstants.protection(access));
  }

  @Override
  public void decommit(long address, long byteSize) {
    reserved.decommit(address, byteSize);
  }

  @Override
  public SharedMemory createShared(Backing backing, long byteSize, boolean largePages) {
    if (backing != Backing.SECTION) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          "Windows has no shared memory of the kind " + backing);
    }
    if (largePages) {
      privilege.enable();
    }
    return new SharedMemory(backing, reserved.createShared(byteSize, largePages), byteSize);
  }

  @Override
  public void mapShared(
      SharedMemory shared, long offset, long address, long byteSize, Set<MemoryAccess> access) {
    int protection = WindowsConstants.protection(access);
    reserved.map(shared.handle(), offset, address, byteSize, protection);
  }

  /// `MEM_RESET` leaves undefined whether pages keep what they hold or are empty, so they are
  /// cleared first.
  @Override
  public void discard(long address, long byteSize) {
    NativeMemory.clear(address, byteSize);
    reserved.reset(address, byteSize);
  }

  /// As [#discard]. Decommitting and committing again would leave the addresses inaccessible if the
  /// second step is refused.
  @Override
  public void discardPrivate(long address, long byteSize, Set<MemoryAccess> access) {
    NativeMemory.whileWritable(this, address, byteSize, access, () -> discard(address, byteSize));
  }

  @Override
  public void closeShared(SharedMemory shared) {
    reserved.closeShared(shared.handle());
  }

  @Override
  public void preferLargePage(long address) {}

  @Override
  public long largePageBytes(long address, long byteSize) {
    return workingSet.largePageBytes(address, byteSize);
  }

  /// On AArch64, other processors also have to drop what they fetched already: the interrupt of
  /// `FlushProcessWriteBuffers` sees to that. x86 needs neither, as on Linux.
  @Override
  public void flushInstructionCache(long address, long byteSize) {
    if (!hasCoherentFetch()) {
      memory.call(WindowsFunctions.FLUSH_INSTRUCTION_CACHE, memory.process(), address, byteSize);
      memory.attempt(WindowsFunctions.FLUSH_PROCESS_WRITE_BUFFERS);
    }
  }

  @Override
  public int run(long address) {
    return NativeMemory.run(address);
  }
}
