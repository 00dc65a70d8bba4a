// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Where memory can be placed: the gaps between the mappings of this process, by the list the
/// kernel keeps, proc_pid_maps(5). The list is a moment's: others map memory at the same time.
///
/// Some gaps are not for us. Below the main thread's stack is where it grows to, above the heap of
/// `brk` is where that grows to, and the lowest addresses catch null pointers. Room above the
/// highest mapping is left alone too, because how far addresses go differs from kernel to kernel;
/// the main thread's stack and the kernel's own code lie near the end in any case.
final class AddressGaps {
  /// The kernel itself leaves at least this much below the stack of the main thread, arch/x86/mm
  /// and arch/arm64/mm (`mmap_base`, `MIN_GAP`).
  private static final long STACK_ROOM = 128L * 1024 * 1024;

  /// What a stack keeps free below it, `stack_guard_gap`: 256 pages, of at most 64 KiB.
  private static final long STACK_GUARD_GAP = 256 * 64 * 1024;

  /// Left to the heap of `brk`, which C's allocator takes its memory from. Where it cannot grow,
  /// C's allocator maps memory instead.
  private static final long HEAP_ROOM = 1024L * 1024 * 1024;

  /// Below this no memory is placed even where `vm.mmap_min_addr` allows it: it is the default
  /// there, and what JVMs take for null pointers.
  private static final long LOWEST = 64 * 1024;

  private static final byte[] STACK = KernelLines.text("[stack]");
  private static final byte[] HEAP = KernelLines.text("[heap]");

  private final PosixMemory memory;
  private final Path maps;
  private final long lowest;
  private final long stackRoom;

  /// The gaps by a list of mappings.
  ///
  /// @param memory the way to the system
  /// @param maps the list
  /// @param mmapMinAddress the lowest address that may be mapped
  /// @param stackLimit the size the stack of the main thread may grow to
  AddressGaps(PosixMemory memory, Path maps, long mmapMinAddress, long stackLimit) {
    this.memory = memory;
    this.maps = maps;
    this.lowest = Math.max(mmapMinAddress, LOWEST);
    long limited = Math.max(stackLimit, STACK_ROOM);
    this.stackRoom =
        limited > Long.MAX_VALUE - STACK_GUARD_GAP ? Long.MAX_VALUE : limited + STACK_GUARD_GAP;
  }

  /// The gaps of this process.
  ///
  /// @param memory the way to the system
  static AddressGaps ofProcess(PosixMemory memory) {
    return new AddressGaps(
        memory, KernelFiles.MAPS, KernelFiles.mmapMinAddress(), KernelFiles.stackLimit());
  }

  /// Finds one place in each gap that has room.
  ///
  /// @param window where all of the memory is to lie
  /// @param byteSize the size of the memory
  /// @param alignment what its address is a multiple of, a power of two
  /// @param margin what is to be free before and after it, which need not lie in the window
  /// @return addresses, the nearest to the middle of the window first
  /// @throws VirtMemException if the list of mappings cannot be read, which takes a descriptor
  List<Long> places(AddressWindow window, long byteSize, long alignment, long margin) {
    Search search = new Search(window, byteSize, alignment, margin);
    try {
      KernelLines.forEach(maps, search::visit);
    } catch (IOException e) {
      throw unreadable(e);
    }
    search.found.sort(Comparator.comparingLong(search::distance));
    return search.found;
  }

  /// Tells a list that is never to be had from one that could not be opened this time.
  ///
  /// The system's own words are not looked at, as they are in the language of the user. The library
  /// has classes of their own for what is missing and what is forbidden; beside these open(2) fails
  /// on a file of the kernel when descriptors are short. The error itself it does not tell, so the
  /// call is made again to see it.
  VirtMemException unreadable(IOException cause) {
    boolean outOfDescriptors = cause.getClass() == FileSystemException.class;
    VirtMemException.Reason reason =
        outOfDescriptors
            ? VirtMemException.Reason.TOO_MANY_HANDLES
            : VirtMemException.Reason.NOT_SUPPORTED;
    String advice =
        outOfDescriptors
            ? "raise RLIMIT_NOFILE (ulimit -n), or fs.file-max of the system, if there is no"
                + " descriptor left"
            : "make " + maps + " readable";
    int errno = errorOfOpen();
    String what =
        errno == 0
            ? cause.getMessage()
            : LinuxFunctions.OPEN.name() + " failed with " + LinuxErrno.nameOf(errno);
    String message =
        "Memory cannot be placed, because the mappings of the process cannot be read ("
            + what
            + "): "
            + advice;
    VirtMemException unreadable =
        errno == 0
            ? new VirtMemException(reason, message)
            : new VirtMemException(reason, LinuxFunctions.OPEN.name(), errno, message);
    unreadable.initCause(cause);
    return unreadable;
  }

  /// The error with which the list cannot be opened; 0 if it can be by now.
  private int errorOfOpen() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(maps.toString());
      NativeCalls.Result result =
          memory.attempt(LinuxFunctions.OPEN, name.address(), LinuxConstants.O_CLOEXEC);
      if (result.value() < 0) {
        return result.error();
      }
      memory.close(result.value());
      return 0;
    }
  }

  private final class Search {
    private final AddressWindow window;
    private final long byteSize;
    private final long alignment;
    private final long margin;
    private final List<Long> found = new ArrayList<>();

    /// Where the gap before the next mapping begins.
    private long gapStart = lowest;

    Search(AddressWindow window, long byteSize, long alignment, long margin) {
      this.window = window;
      this.byteSize = byteSize;
      this.alignment = alignment;
      this.margin = margin;
    }

    void visit(KernelLines line) {
      long start = line.number(16);
      long end = line.number(16);
      // Negative is in the half of the kernel, where `[vsyscall]` is.
      if (start < 0 || end < 0) {
        return;
      }
      long gapEnd = line.endsWith(STACK) ? Math.max(0, end - stackRoom) : start;
      look(gapStart, Math.min(gapEnd, start));
      gapStart = Math.max(gapStart, line.endsWith(HEAP) ? end + HEAP_ROOM : end);
    }

    private void look(long start, long end) {
      long first = Math.max(start + margin, window.start());
      long behind = Math.min(end - margin, window.end());
      if (behind < byteSize || first > behind - byteSize) {
        return;
      }
      long lowestPlace = (first + alignment - 1) & -alignment;
      long highestPlace = (behind - byteSize) & -alignment;
      if (lowestPlace <= highestPlace) {
        found.add(Math.clamp(window.middle() & -alignment, lowestPlace, highestPlace));
      }
    }

    private long distance(long address) {
      return address > window.middle()
          ? address - window.middle()
          : Math.max(0, window.middle() - address - byteSize);
    }
  }
}
