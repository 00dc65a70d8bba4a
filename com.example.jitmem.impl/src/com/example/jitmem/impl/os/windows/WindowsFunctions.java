// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;
import static com.example.jitmem.impl.ffm.CType.VOID;

import com.example.jitmem.impl.ffm.CFunction;

/// The functions of Windows that are called, as Microsoft's documentation declares them.
///
/// Public for the model that stands in for them in tests.
public final class WindowsFunctions {
  /// Exports most of them.
  private static final String KERNEL32 = "kernel32";

  /// Exports those that came with Windows 10.
  private static final String KERNEL_BASE = "KernelBase";

  /// Exports what concerns tokens.
  private static final String ADVAPI32 = "advapi32";

  /// `void GetSystemInfo(LPSYSTEM_INFO)`.
  public static final CFunction GET_SYSTEM_INFO =
      CFunction.of("GetSystemInfo", VOID, INT64).in(KERNEL32);

  /// `SIZE_T GetLargePageMinimum()`. 0 without support by the processor.
  public static final CFunction GET_LARGE_PAGE_MINIMUM =
      CFunction.of("GetLargePageMinimum", INT64).in(KERNEL32);

  /// `HANDLE GetCurrentProcess()`. A constant that need not be closed; cannot fail.
  public static final CFunction GET_CURRENT_PROCESS =
      CFunction.of("GetCurrentProcess", INT64).in(KERNEL32);

  /// `LPVOID VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection)`.
  public static final CFunction VIRTUAL_ALLOC =
      CFunction.of("VirtualAlloc", INT64, INT64, INT64, INT32, INT32).in(KERNEL32);

  /// `PVOID VirtualAlloc2(HANDLE process, PVOID address, SIZE_T size, ULONG type, ULONG
  /// protection, MEM_EXTENDED_PARAMETER *parameters, ULONG parameterCount)`.
  public static final CFunction VIRTUAL_ALLOC2 =
      CFunction.of("VirtualAlloc2", INT64, INT64, INT64, INT64, INT32, INT32, INT64, INT32)
          .in(KERNEL_BASE);

  /// `BOOL VirtualFree(LPVOID address, SIZE_T size, DWORD type)`.
  public static final CFunction VIRTUAL_FREE =
      CFunction.of("VirtualFree", INT32, INT64, INT64, INT32).in(KERNEL32);

  /// `BOOL VirtualProtect(LPVOID address, SIZE_T size, DWORD protection, PDWORD before)`. The last
  /// must not be null.
  public static final CFunction VIRTUAL_PROTECT =
      CFunction.of("VirtualProtect", INT32, INT64, INT64, INT32, INT64).in(KERNEL32);

  /// `HANDLE CreateFileMappingW(HANDLE file, LPSECURITY_ATTRIBUTES, DWORD protection, DWORD
  /// sizeHigh, DWORD sizeLow, LPCWSTR name)`. Null when it fails.
  public static final CFunction CREATE_FILE_MAPPING =
      CFunction.of("CreateFileMappingW", INT64, INT64, INT64, INT32, INT32, INT32, INT64)
          .in(KERNEL32);

  /// `PVOID MapViewOfFile3(HANDLE section, HANDLE process, PVOID address, ULONG64 offset, SIZE_T
  /// size, ULONG type, ULONG protection, MEM_EXTENDED_PARAMETER *parameters, ULONG
  /// parameterCount)`.
  public static final CFunction MAP_VIEW_OF_FILE3 =
      CFunction.of(
              "MapViewOfFile3",
              INT64,
              INT64,
              INT64,
              INT64,
              INT64,
              INT64,
              INT32,
              INT32,
              INT64,
              INT32)
          .in(KERNEL_BASE);

  /// `BOOL UnmapViewOfFile2(HANDLE process, PVOID address, ULONG flags)`.
  public static final CFunction UNMAP_VIEW_OF_FILE2 =
      CFunction.of("UnmapViewOfFile2", INT32, INT64, INT64, INT32).in(KERNEL_BASE);

  /// `BOOL CloseHandle(HANDLE)`.
  public static final CFunction CLOSE_HANDLE =
      CFunction.of("CloseHandle", INT32, INT64).in(KERNEL32);

  /// `BOOL FlushInstructionCache(HANDLE process, LPCVOID address, SIZE_T size)`.
  public static final CFunction FLUSH_INSTRUCTION_CACHE =
      CFunction.of("FlushInstructionCache", INT32, INT64, INT64, INT64).in(KERNEL32);

  /// `void FlushProcessWriteBuffers()`. Interrupts all processors that run this process.
  public static final CFunction FLUSH_PROCESS_WRITE_BUFFERS =
      CFunction.of("FlushProcessWriteBuffers", VOID).in(KERNEL32);

  /// `BOOL OpenProcessToken(HANDLE process, DWORD access, PHANDLE token)`.
  public static final CFunction OPEN_PROCESS_TOKEN =
      CFunction.of("OpenProcessToken", INT32, INT64, INT32, INT64).in(ADVAPI32);

  /// `BOOL LookupPrivilegeValueW(LPCWSTR system, LPCWSTR name, PLUID luid)`.
  public static final CFunction LOOKUP_PRIVILEGE_VALUE =
      CFunction.of("LookupPrivilegeValueW", INT32, INT64, INT64, INT64).in(ADVAPI32);

  /// `BOOL AdjustTokenPrivileges(HANDLE token, BOOL disableAll, PTOKEN_PRIVILEGES news, DWORD
  /// length, PTOKEN_PRIVILEGES before, PDWORD needed)`. Succeeds with the error
  /// ERROR_NOT_ALL_ASSIGNED where the token does not have the privilege.
  public static final CFunction ADJUST_TOKEN_PRIVILEGES =
      CFunction.of("AdjustTokenPrivileges", INT32, INT64, INT32, INT64, INT32, INT64, INT64)
          .in(ADVAPI32);

  /// `BOOL GetProcessMitigationPolicy(HANDLE process, PROCESS_MITIGATION_POLICY policy, PVOID
  /// buffer, SIZE_T length)`.
  public static final CFunction GET_PROCESS_MITIGATION_POLICY =
      CFunction.of("GetProcessMitigationPolicy", INT32, INT64, INT32, INT64, INT64).in(KERNEL32);

  /// `BOOL K32QueryWorkingSetEx(HANDLE process, PVOID entries, DWORD byteSize)`.
  public static final CFunction QUERY_WORKING_SET_EX =
      CFunction.of("K32QueryWorkingSetEx", INT32, INT64, INT64, INT32).in(KERNEL32);

  private WindowsFunctions() {}
}
