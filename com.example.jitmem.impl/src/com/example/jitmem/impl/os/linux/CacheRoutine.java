// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.FunctionHandles;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A routine of our own in machine code of AArch64 that does what `__clear_cache` does, for systems
/// without libgcc.
///
/// It is the one piece of code that cannot be flushed before it runs. So it is written to a page of
/// shared memory that has never been executed, and the executable view is mapped afterwards: as a
/// page gets into an executable mapping for the first time, the kernel itself maintains the caches
/// for it (`__sync_icache_dcache` in arch/arm64/mm/flush.c), as it must for libraries it has read.
///
/// The page stays for the life of the process. Thread-safe.
final class CacheRoutine implements InstructionCache.Maintenance {
  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

  /// `void f(uint64_t start, uint64_t end)`. The sizes of cache lines are read from CTR_EL0 (Arm
  /// ARM, DDI 0487, D-part, "CTR_EL0, Cache Type Register"), which Linux lets programs read.
  private static final int[] CODE = {
    0xD53B0022, //       mrs  x2, ctr_el0
    0xD2800085, //       mov  x5, #4            size of a word
    0xD3504C43, //       ubfx x3, x2, #16, #4   DminLine: log2 of the words in a data line
    0x9AC320A3, //       lsl  x3, x5, x3
    0x92400C44, //       and  x4, x2, #15       IminLine: the same for instructions
    0x9AC420A4, //       lsl  x4, x5, x4
    0xCB0303E6, //       neg  x6, x3
    0x8A060005, //       and  x5, x0, x6
    0xD50B7B25, // data: dc   cvau, x5          clean to the point of unification
    0x8B0300A5, //       add  x5, x5, x3
    0xEB0100BF, //       cmp  x5, x1
    0x54FFFFA3, //       b.lo data
    0xD5033B9F, //       dsb  ish
    0xCB0403E6, //       neg  x6, x4
    0x8A060005, //       and  x5, x0, x6
    0xD50B7525, // code: ic   ivau, x5          invalidate to the point of unification
    0x8B0400A5, //       add  x5, x5, x4
    0xEB0100BF, //       cmp  x5, x1
    0x54FFFFA3, //       b.lo code
    0xD5033B9F, //       dsb  ish
    0xD5033FDF, //       isb
    0xD65F03C0, //       ret
  };

  private final MemorySegment code;

  private CacheRoutine(long address) {
    this.code = MemorySegment.ofAddress(address);
  }

  /// Places the routine by the first of the system's dual mappings that works.
  ///
  /// @throws VirtMemException if none does
  static CacheRoutine placedBy(Os os) {
    VirtMemException refusal =
        new VirtMemException(
            VirtMemException.Reason.NOT_SUPPORTED, "The system maps no memory twice");
    for (Backing backing : os.facts().dualBackings()) {
      try {
        return new CacheRoutine(place(os, backing));
      } catch (VirtMemException e) {
        refusal.addSuppressed(e);
      }
    }
    throw refusal;
  }

  private static long place(Os os, Backing backing) {
    long pageSize = os.facts().pageSize();
    SharedMemory memory = os.createShared(backing, pageSize, false);
    try {
      long address = os.reserve(pageSize, pageSize, AddressWindow.ANYWHERE);
      try {
        os.mapShared(memory, 0, address, pageSize, MemoryAccess.RW);
        writeTo(address);
        os.decommit(address, pageSize);
        os.mapShared(memory, 0, address, pageSize, MemoryAccess.RX);
      } catch (VirtMemException e) {
        os.unreserve(address, pageSize);
        throw e;
      }
      return address;
    } finally {
      os.closeShared(memory);
    }
  }

  @SuppressWarnings("restricted")
  private static void writeTo(long address) {
    MemorySegment source = MemorySegment.ofArray(CODE);
    MemorySegment.ofAddress(address).reinterpret(source.byteSize()).copyFrom(source);
  }

  @Override
  public void maintain(long start, long end) {
    MethodHandle handle = FunctionHandles.linked(TYPE, false, false).unbound();
    try {
      handle.invokeExact(code, start, end);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A downcall threw", e);
    }
  }
}
