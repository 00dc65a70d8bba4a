// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.PROCESS_DYNAMIC_CODE_POLICY;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PROHIBIT_DYNAMIC_CODE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.TOKEN_ADJUST_PRIVILEGES;
import static com.example.jitmem.impl.os.windows.WindowsConstants.TOKEN_QUERY;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_INVALID_HANDLE;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_INVALID_PARAMETER;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_NOT_ALL_ASSIGNED;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_NO_SUCH_PRIVILEGE;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.CType;
import com.example.jitmem.impl.os.ModelCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// Windows as its documentation describes it, on real memory of the system that tests run on.
public final class WindowsModel extends ModelCalls {
  static final long PROCESS = -1;
  static final long LARGE_PAGE = 2 * 1024 * 1024;
  static final long LAST_ADDRESS = 0x7FFF_FFFE_FFFFL;

  private static final long TOKEN = 0x70CE;
  private static final long LUID = 0x1_0000_0004L;

  /// Functions that are documented to succeed always, or whose 0 means no failure, or that fail for
  /// wrong handles only.
  private static final Set<CFunction> CANNOT_FAIL =
      Set.of(
          WindowsFunctions.GET_CURRENT_PROCESS,
          WindowsFunctions.GET_LARGE_PAGE_MINIMUM,
          WindowsFunctions.CLOSE_HANDLE);

  private final ModelAllocations memory = new ModelAllocations(this);

  /// Whether the user has the privilege to lock memory.
  public boolean userHasPrivilege;

  /// Whether Arbitrary Code Guard is on.
  public boolean forbidsDynamicCode;

  boolean privilegeEnabled;
  private int openTokens;

  @Override
  protected boolean canFail(CFunction function) {
    return function.result() != CType.VOID && !CANNOT_FAIL.contains(function);
  }

  @Override
  protected Result refusal(CFunction function, int error) {
    return new Result(0, error);
  }

  static Result failed(WindowsError error) {
    return new Result(0, error.code());
  }

  static Result done(long value) {
    return new Result(value, 0);
  }

  @Override
  protected Result answer(CFunction function, long... a) {
    return switch (function.name()) {
      case "GetSystemInfo" -> systemInfo(a[0]);
      case "GetLargePageMinimum" -> done(LARGE_PAGE);
      case "GetCurrentProcess" -> done(PROCESS);
      case "VirtualAlloc" -> memory.virtualAlloc(a[0], a[1], (int) a[2], (int) a[3]);
      case "VirtualAlloc2" -> memory.virtualAlloc2(a);
      case "VirtualFree" -> memory.virtualFree(a[0], a[1], (int) a[2]);
      case "VirtualProtect" -> memory.virtualProtect(a[0], a[1], (int) a[2], a[3]);
      case "CreateFileMappingW" -> memory.createFileMapping(a);
      case "MapViewOfFile3" -> memory.mapViewOfFile3(a);
      case "UnmapViewOfFile2" -> memory.unmapViewOfFile2(a[0], a[1], (int) a[2]);
      case "CloseHandle" -> a[0] == TOKEN ? closeToken() : memory.closeSection(a[0]);
      case "FlushInstructionCache" -> a[0] == PROCESS ? done(1) : failed(ERROR_INVALID_HANDLE);
      case "FlushProcessWriteBuffers" -> done(0);
      case "OpenProcessToken" -> openProcessToken(a[0], (int) a[1], a[2]);
      case "LookupPrivilegeValueW" -> lookupPrivilegeValue(a[0], a[1], a[2]);
      case "AdjustTokenPrivileges" -> adjustTokenPrivileges(a);
      case "GetProcessMitigationPolicy" -> mitigationPolicy(a[0], (int) a[1], a[2], a[3]);
      case "K32QueryWorkingSetEx" -> memory.queryWorkingSet(a[0], a[1], (int) a[2]);
      default -> throw new AssertionError("Not in the model: " + function.name());
    };
  }

  static MemorySegment at(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  /// Offsets are those of the table in the page about SYSTEM_INFO.
  private Result systemInfo(long address) {
    MemorySegment info = at(address, 48);
    info.set(ValueLayout.JAVA_INT, 4, (int) memory.pageSize());
    info.set(ValueLayout.JAVA_LONG, 8, 0x10000);
    info.set(ValueLayout.JAVA_LONG, 16, LAST_ADDRESS);
    info.set(ValueLayout.JAVA_INT, 40, (int) ModelMemory.GRANULARITY);
    return done(0);
  }

  private Result openProcessToken(long process, int access, long handle) {
    if (process != PROCESS || access != (TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY)) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    at(handle, 8).set(ValueLayout.JAVA_LONG, 0, TOKEN);
    openTokens++;
    return done(1);
  }

  private Result closeToken() {
    openTokens--;
    return openTokens < 0 ? failed(ERROR_INVALID_HANDLE) : done(1);
  }

  private Result lookupPrivilegeValue(long system, long name, long luid) {
    String asked = at(name, 64).getString(0, StandardCharsets.UTF_16LE);
    if (system != 0 || !asked.equals("SeLockMemoryPrivilege")) {
      return failed(ERROR_NO_SUCH_PRIVILEGE);
    }
    at(luid, 8).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, LUID);
    return done(1);
  }

  /// TOKEN_PRIVILEGES: a count, then for each privilege a LUID of two 32-bit halves and attributes.
  private Result adjustTokenPrivileges(long... a) {
    MemorySegment privileges = at(a[2], 16);
    boolean asDocumented =
        a[0] == TOKEN
            && openTokens > 0
            && a[1] == 0
            && privileges.get(ValueLayout.JAVA_INT, 0) == 1
            && privileges.get(ValueLayout.JAVA_LONG_UNALIGNED, 4) == LUID
            && privileges.get(ValueLayout.JAVA_INT, 12) == 2
            && a[4] == 0
            && a[5] == 0;
    if (!asDocumented) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    privilegeEnabled = userHasPrivilege;
    return new Result(1, userHasPrivilege ? 0 : ERROR_NOT_ALL_ASSIGNED.code());
  }

  private Result mitigationPolicy(long process, int policy, long buffer, long length) {
    if (process != PROCESS || policy != PROCESS_DYNAMIC_CODE_POLICY || length != 4) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    int bits = forbidsDynamicCode ? PROHIBIT_DYNAMIC_CODE : 0;
    at(buffer, 4).set(ValueLayout.JAVA_INT, 0, bits);
    return done(1);
  }

  @Override
  public String balance() {
    return memory + ", tokens " + openTokens;
  }

  /// What [#balance()] is when nothing is held.
  public static String settled() {
    return "addresses [], sections [], tokens 0";
  }
}
