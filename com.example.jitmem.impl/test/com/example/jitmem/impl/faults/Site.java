// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.impl.ffm.CFunction;
import java.util.Map;

/// A place in the code that calls the system: the function, and what it is called for as far as the
/// arguments tell.
///
/// @param function the function
/// @param purpose in a few words
record Site(CFunction function, String purpose) {
  private static final int PROT_NONE = 0;
  private static final int MAP_SHARED = 0x01;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;
  private static final long NO_FILE = -1;

  private static final Map<Long, String> ADVICE =
      Map.of(
          4L, "DONTNEED",
          9L, "REMOVE",
          10L, "DONTFORK",
          14L, "HUGEPAGE",
          22L, "POPULATE_READ",
          23L, "POPULATE_WRITE",
          25L, "COLLAPSE");

  static Site of(CFunction function, long... arguments) {
    return new Site(
        function,
        switch (function.name()) {
          case "mmap" -> purposeOfMmap(arguments);
          case "mprotect" -> access(arguments[2]);
          case "madvise" -> ADVICE.getOrDefault(arguments[2], "advice " + arguments[2]);
          case "memfd_create" -> "flags 0x" + Long.toHexString(arguments[1]);
          default -> "";
        });
  }

  private static String purposeOfMmap(long... arguments) {
    long flags = arguments[3];
    boolean shared = (flags & MAP_SHARED) != 0;
    if ((flags & MAP_FIXED_NOREPLACE) != 0) {
      return "near, " + access(arguments[2]);
    }
    if ((flags & MAP_FIXED) == 0) {
      return arguments[2] == PROT_NONE ? "reserve" : shared ? "object" : "map";
    }
    if (arguments[2] == PROT_NONE) {
      return "decommit";
    }
    String what = arguments[4] == NO_FILE ? "commit" : "view";
    return what + ", " + access(arguments[2]);
  }

  private static String access(long protection) {
    return ((protection & 1) != 0 ? "r" : "-")
        + ((protection & 2) != 0 ? "w" : "-")
        + ((protection & 4) != 0 ? "x" : "-");
  }

  /// Whether the call gives something back to the system.
  boolean givesBack() {
    return function.name().equals("munmap")
        || function.name().equals("close")
        || purpose.equals("decommit")
        || purpose.equals("DONTNEED")
        || purpose.equals("REMOVE");
  }

  /// Whether the call puts memory in the place of a part of a reservation.
  boolean replaces() {
    return function.name().equals("mremap")
        || purpose.startsWith("commit")
        || purpose.startsWith("view");
  }

  @Override
  public String toString() {
    return purpose.isEmpty() ? function.name() : function.name() + " (" + purpose + ")";
  }
}
