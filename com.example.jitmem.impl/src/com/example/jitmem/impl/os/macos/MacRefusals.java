// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemException.Reason;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.impl.os.posix.Refusals;

/// Says which policy or limit of macOS most likely refused a call, and what can be done.
final class MacRefusals implements Refusals {
  private static final String MEMORY =
      "The process is out of memory or address space: raise RLIMIT_AS (ulimit -v), or free memory";

  private static final String JIT =
      "The program may not have memory for code made at run time: sign the java program with the"
          + " entitlement com.apple.security.cs.allow-jit";

  private static final String UNSIGNED =
      "The hardened runtime forbids executable memory without a signature: sign the java program"
          + " with the entitlement com.apple.security.cs.allow-unsigned-executable-memory. On"
          + " Apple silicon only MAP_JIT memory can be writable and executable at once";

  @Override
  public VirtMemException of(CFunction function, int errno, long... arguments) {
    MacErrno known = MacErrno.of(errno).orElse(null);
    return refusal(
        function,
        errno,
        known == null ? "errno" : known.name(),
        known == null ? Reason.OTHER : known.reason(),
        arguments);
  }

  /// Makes an exception of a call of Mach that failed.
  VirtMemException ofMach(CFunction function, int code, long... arguments) {
    KernReturn known = KernReturn.of(code).orElse(null);
    return refusal(
        function,
        code,
        known == null ? "kern_return_t" : known.name(),
        known == null ? Reason.OTHER : known.reason(),
        arguments);
  }

  private static VirtMemException refusal(
      CFunction function, int code, String symbol, Reason reason, long... arguments) {
    return new VirtMemException(
        reason,
        function.name(),
        code,
        function.name()
            + " failed with "
            + symbol
            + " ("
            + code
            + ")"
            + size(function, arguments)
            + ". "
            + advice(function, reason, arguments));
  }

  private static String size(CFunction function, long... arguments) {
    int position = isMach(function) ? 2 : 1;
    return function.equals(MacFunctions.DLSYM) || arguments.length <= position
        ? ""
        : " for " + arguments[position] + " bytes";
  }

  private static boolean isMach(CFunction function) {
    return function.equals(MacFunctions.MACH_VM_REMAP)
        || function.equals(MacFunctions.MACH_VM_PROTECT);
  }

  private static String advice(CFunction function, Reason reason, long... arguments) {
    return switch (reason) {
      case OUT_OF_MEMORY -> MEMORY;
      case TOO_MANY_HANDLES -> "No descriptor is left: raise RLIMIT_NOFILE (ulimit -n)";
      case DENIED_BY_POLICY -> policy(function, arguments);
      case NOT_SUPPORTED -> "This version of macOS does not offer the call: macOS 11 does";
      default ->
          "This version of macOS does not support the request, or something else in this"
              + " process changed the memory";
    };
  }

  private static String policy(CFunction function, long... arguments) {
    boolean jit = function.equals(PosixMemory.MMAP) && (arguments[3] & MacConstants.MAP_JIT) != 0;
    return jit ? JIT : UNSIGNED;
  }
}
