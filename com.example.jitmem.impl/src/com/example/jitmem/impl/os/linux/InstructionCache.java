// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.ffm.CType.INT64;
import static com.example.jitmem.impl.ffm.CType.VOID;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressRange;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The instruction caches, where the processor does not keep them coherent with stores.
///
/// Caches are maintained for all processors from any of them, by addresses; afterwards every thread
/// has to drop what it has fetched already (Arm ARM, DDI 0487, "Concurrent modification and
/// execution of instructions"). The first is done by libgcc, or by a routine of our own where a
/// system has no libgcc, as Alpine has not; the second by [MemoryBarrier].
///
/// Thread-safe.
final class InstructionCache {
  /// `void __clear_cache(void *begin, void *end)`, GCC manual, "Other Built-in Functions"; exported
  /// for AArch64 with the version GCC_3.0.
  static final CFunction CLEAR_CACHE =
      CFunction.of("__clear_cache", VOID, INT64, INT64).in("libgcc_s.so.1");

  /// Makes a range of addresses that was written ready to be fetched.
  @FunctionalInterface
  interface Maintenance {
    /// Cleans data caches and invalidates instruction caches of all processors.
    ///
    /// @param start the first address
    /// @param end the address after the last one, above `start`
    void maintain(long start, long end);
  }

  private final NativeCalls calls;
  private final MemoryBarrier barrier;
  private final Supplier<Maintenance> replacement;
  private volatile @Nullable Maintenance maintenance;

  /// Makes no call.
  ///
  /// @param replacement makes what is used where there is no libgcc
  InstructionCache(NativeCalls calls, MemoryBarrier barrier, Supplier<Maintenance> replacement) {
    this.calls = calls;
    this.barrier = barrier;
    this.replacement = replacement;
  }

  /// Makes code ready to run for all threads.
  ///
  /// @param ranges the addresses where it is executed
  /// @throws VirtMemException if there is neither libgcc nor a replacement
  void flush(List<AddressRange> ranges) {
    boolean anything = false;
    for (AddressRange range : ranges) {
      if (range.byteSize() > 0) {
        maintenance().maintain(range.start(), range.end());
        anything = true;
      }
    }
    if (anything) {
      barrier.synchronizeAllThreads();
    }
  }

  private Maintenance maintenance() {
    Maintenance known = maintenance;
    return known == null ? choose() : known;
  }

  private synchronized Maintenance choose() {
    Maintenance chosen = maintenance;
    if (chosen == null) {
      chosen = hasLibgcc() ? (start, end) -> calls.call(CLEAR_CACHE, start, end) : replace();
      maintenance = chosen;
    }
    return chosen;
  }

  private boolean hasLibgcc() {
    try {
      calls.call(CLEAR_CACHE, 0, 0);
      return true;
    } catch (VirtMemException e) {
      if (e.reason() != VirtMemException.Reason.NOT_SUPPORTED) {
        throw e;
      }
      return false;
    }
  }

  private Maintenance replace() {
    try {
      return replacement.get();
    } catch (VirtMemException e) {
      VirtMemException failure =
          new VirtMemException(
              VirtMemException.Reason.NOT_SUPPORTED,
              "Instruction caches cannot be flushed: install libgcc ("
                  + CLEAR_CACHE.library().orElseThrow()
                  + "), or allow this process to map memory twice. "
                  + e.getMessage());
      failure.initCause(e);
      throw failure;
    }
  }
}
