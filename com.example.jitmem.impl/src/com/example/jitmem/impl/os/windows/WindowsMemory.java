// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.log.LoggerNames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The memory calls of Windows, with their refusals as exceptions.
///
/// Thread-safe.
final class WindowsMemory {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private final NativeCalls calls;
  private final WindowsRefusals refusals = new WindowsRefusals(this::forbidsDynamicCode);
  private final long process;

  /// Asks for the handle of this process.
  ///
  /// @param calls the way to the system's libraries
  WindowsMemory(NativeCalls calls) {
    this.calls = calls;
    this.process = calls.call(WindowsFunctions.GET_CURRENT_PROCESS).value();
  }

  /// The handle of this process.
  long process() {
    return process;
  }

  /// Calls a function that cannot fail, or whose failures do not matter.
  NativeCalls.Result attempt(CFunction function, long... arguments) {
    return calls.call(function, arguments);
  }

  /// Calls a function that returns 0 when it fails.
  ///
  /// @return what it returned and the error code it left, which some functions use for more than
  ///     failures
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if it failed
  NativeCalls.Result call(CFunction function, long... arguments) {
    NativeCalls.Result result = calls.call(function, arguments);
    if (result.value() == 0) {
      throw refusals.of(function, result.error(), arguments);
    }
    return result;
  }

  /// The exception for a call that failed.
  RuntimeException refusal(CFunction function, int error, long... arguments) {
    return refusals.of(function, error, arguments);
  }

  /// Gives memory or placeholders back, cuts or joins them.
  void free(long address, long byteSize, int type) {
    call(WindowsFunctions.VIRTUAL_FREE, address, byteSize, type);
  }

  /// Changes the access to committed pages of one allocation or view.
  void protect(long address, long byteSize, int protection) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate(ValueLayout.JAVA_INT);
      call(WindowsFunctions.VIRTUAL_PROTECT, address, byteSize, protection, before.address());
    }
  }

  /// Tells that what pages hold is no longer needed. The protection has no effect but must be a
  /// valid one.
  void reset(long address, long byteSize) {
    call(
        WindowsFunctions.VIRTUAL_ALLOC,
        address,
        byteSize,
        WindowsConstants.MEM_RESET,
        WindowsConstants.PAGE_NOACCESS);
  }

  /// Closes a handle. Nothing can be done if that fails, so it is logged and not thrown.
  void close(long handle) {
    NativeCalls.Result result = calls.call(WindowsFunctions.CLOSE_HANDLE, handle);
    if (result.value() == 0) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "A handle was not closed",
          refusals.of(WindowsFunctions.CLOSE_HANDLE, result.error(), handle));
    }
  }

  /// Whether this process may not make code at run time.
  private boolean forbidsDynamicCode() {
    try (Arena arena = Arena.ofConfined()) {
      // PROCESS_MITIGATION_DYNAMIC_CODE_POLICY is one DWORD of bits.
      MemorySegment policy = arena.allocate(ValueLayout.JAVA_INT);
      NativeCalls.Result result =
          calls.call(
              WindowsFunctions.GET_PROCESS_MITIGATION_POLICY,
              process,
              WindowsConstants.PROCESS_DYNAMIC_CODE_POLICY,
              policy.address(),
              policy.byteSize());
      int bits = policy.get(ValueLayout.JAVA_INT, 0);
      return result.value() != 0 && (bits & WindowsConstants.PROHIBIT_DYNAMIC_CODE) != 0;
    }
  }
}
