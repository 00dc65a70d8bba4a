// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/// Calls the real system, refuses what a test says, and keeps books on the addresses and
/// descriptors that the system has given and not got back.
public final class LedgerCalls implements NativeCalls {
  /// mmap(2), asm-generic/mman-common.h.
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  private final NativeCalls system = new Downcalls(Downcalls.ERRNO);
  private final TreeMap<Long, Long> held = new TreeMap<>();
  private final TreeSet<Long> descriptors = new TreeSet<>();
  private final List<String> made = new ArrayList<>();
  private BiPredicate<CFunction, long[]> refusal = (function, arguments) -> false;
  private int refusalError;
  private int refused;

  /// Refuses calls from now on.
  public void refuse(int errno, BiPredicate<CFunction, long[]> which) {
    refusalError = errno;
    refusal = which;
  }

  /// Refuses one call, counted from now on.
  ///
  /// @param position 0 for the next call
  public void refuseOnce(int errno, int position) {
    int[] left = {position};
    refuse(errno, (function, arguments) -> left[0]-- == 0);
  }

  /// Refuses nothing from now on.
  public void refuseNothing() {
    refuse(0, (function, arguments) -> false);
  }

  /// The number of calls refused so far.
  public int refusedCount() {
    return refused;
  }

  /// The number of ranges and descriptors that the system still has to get back.
  public synchronized int heldCount() {
    return held.size() + descriptors.size();
  }

  /// The names of the functions called so far, refused calls included.
  public synchronized List<String> made() {
    return List.copyOf(made);
  }

  /// Gives back all addresses and descriptors that were not.
  public synchronized void giveBackAll() {
    for (var range : List.copyOf(held.entrySet())) {
      call(PosixMemory.MUNMAP, range.getKey(), range.getValue() - range.getKey());
    }
    for (long descriptor : List.copyOf(descriptors)) {
      call(PosixMemory.CLOSE, descriptor);
    }
  }

  /// What the system still has to get back.
  public synchronized String balance() {
    return "addresses " + held + ", descriptors " + descriptors;
  }

  /// What [#balance()] is when nothing is held.
  public static String settled() {
    return "addresses {}, descriptors []";
  }

  @Override
  public synchronized Result call(CFunction function, long... arguments) {
    made.add(function.name());
    if (refusal.test(function, arguments)) {
      refused++;
      // A descriptor is free whatever close reports, close(2).
      if (function.equals(PosixMemory.CLOSE)) {
        system.call(function, arguments);
        descriptors.remove(arguments[0]);
      }
      return function.name().equals("posix_fallocate")
          ? new Result(refusalError, 0)
          : new Result(-1, refusalError);
    }
    Result result = system.call(function, arguments);
    if (result.value() != -1) {
      enter(function.name(), result.value(), arguments);
    }
    return result;
  }

  private void enter(String name, long value, long... arguments) {
    switch (name) {
      case "mmap" -> {
        if (arguments[0] == 0 || (arguments[3] & MAP_FIXED_NOREPLACE) != 0) {
          held.put(value, value + arguments[1]);
        }
      }
      case "munmap" -> remove(arguments[0], arguments[0] + arguments[1]);
      case "memfd_create", "mkostemp" -> descriptors.add(value);
      case "close" -> descriptors.remove(arguments[0]);
      default -> {}
    }
  }

  private void remove(long start, long end) {
    var holder = held.floorEntry(start);
    if (holder == null || holder.getValue() < end) {
      throw new AssertionError("Unmapped what is not held: " + Long.toHexString(start));
    }
    long holderEnd = holder.getValue();
    held.remove(holder.getKey());
    if (holder.getKey() < start) {
      held.put(holder.getKey(), start);
    }
    if (end < holderEnd) {
      held.put(end, holderEnd);
    }
  }
}
