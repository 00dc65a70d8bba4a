// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_LARGE_PAGES;
import static com.example.jitmem.impl.os.windows.WindowsConstants.SEC_LARGE_PAGES;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Says which policy or limit of Windows most likely refused a call, and what can be done.
final class WindowsRefusals {
  private static final String MEMORY =
      "The system is out of memory: raise the size of the paging file, the commit limit of the job"
          + " object, or free memory";

  private static final String LARGE_PAGES =
      "No large pages are free, because memory is fragmented: allocate them soon after the system"
          + " starts, or do without";

  private static final String PRIVILEGE =
      "The user does not have the privilege to lock memory, which large pages need: grant \"Lock"
          + " pages in memory\" (SeLockMemoryPrivilege) to the user and log on again";

  private static final String DYNAMIC_CODE =
      "The process forbids dynamic code (Arbitrary Code Guard, ProcessDynamicCodePolicy): lift"
          + " \"Arbitrary code guard\" for this program in Exploit Protection, or in the program"
          + " that starts it";

  private static final String POLICY =
      "A policy of the system forbids it, for example of security software: lift it for this"
          + " process";

  /// Which argument of a function is the size in bytes.
  private static final Map<CFunction, Integer> SIZES =
      Map.of(
          WindowsFunctions.VIRTUAL_ALLOC, 1,
          WindowsFunctions.VIRTUAL_ALLOC2, 2,
          WindowsFunctions.VIRTUAL_FREE, 1,
          WindowsFunctions.VIRTUAL_PROTECT, 1,
          WindowsFunctions.CREATE_FILE_MAPPING, 4,
          WindowsFunctions.MAP_VIEW_OF_FILE3, 4);

  /// Which argument of a function is the protection.
  private static final Map<CFunction, Integer> PROTECTIONS =
      Map.of(
          WindowsFunctions.VIRTUAL_ALLOC, 3,
          WindowsFunctions.VIRTUAL_ALLOC2, 4,
          WindowsFunctions.VIRTUAL_PROTECT, 2,
          WindowsFunctions.CREATE_FILE_MAPPING, 2,
          WindowsFunctions.MAP_VIEW_OF_FILE3, 6);

  /// Which argument of a function says that memory is of large pages.
  private static final Map<CFunction, Integer> TYPES =
      Map.of(
          WindowsFunctions.VIRTUAL_ALLOC, 2,
          WindowsFunctions.VIRTUAL_ALLOC2, 3,
          WindowsFunctions.CREATE_FILE_MAPPING, 2,
          WindowsFunctions.MAP_VIEW_OF_FILE3, 5);

  /// The part of a protection that says what may be done; `SEC_` flags are beside it.
  private static final int PROTECTION_MASK = 0xFF;

  private final BooleanSupplier forbidsDynamicCode;

  /// Explains refusals.
  ///
  /// @param forbidsDynamicCode asks the system whether this process forbids dynamic code
  WindowsRefusals(BooleanSupplier forbidsDynamicCode) {
    this.forbidsDynamicCode = forbidsDynamicCode;
  }

  /// Makes an exception of a call that failed.
  VirtMemException of(CFunction function, int error, long... arguments) {
    WindowsError known = WindowsError.of(error).orElse(null);
    String symbol = known == null ? "error " + error : known + " (" + error + ")";
    return new VirtMemException(
        known == null ? VirtMemException.Reason.OTHER : known.reason(),
        function.name(),
        error,
        function.name()
            + " failed with "
            + symbol
            + size(function, arguments)
            + ". "
            + (known == null ? "See its documentation" : advice(function, known, arguments)));
  }

  private static String size(CFunction function, long... arguments) {
    Integer position = SIZES.get(function);
    if (position == null || arguments[position] == 0) {
      return "";
    }
    long byteSize = arguments[position];
    if (function.equals(WindowsFunctions.CREATE_FILE_MAPPING)) {
      byteSize = arguments[3] << Integer.SIZE | Integer.toUnsignedLong((int) byteSize);
    }
    return " for " + byteSize + " bytes";
  }

  private String advice(CFunction function, WindowsError error, long... arguments) {
    return switch (error) {
      case ERROR_DYNAMIC_CODE_BLOCKED -> DYNAMIC_CODE;
      case ERROR_ACCESS_DENIED ->
          isExecutable(function, arguments) && forbidsDynamicCode.getAsBoolean()
              ? DYNAMIC_CODE
              : POLICY;
      case ERROR_NOT_ALL_ASSIGNED, ERROR_NO_SUCH_PRIVILEGE, ERROR_PRIVILEGE_NOT_HELD -> PRIVILEGE;
      case ERROR_NO_SYSTEM_RESOURCES -> isLarge(function, arguments) ? LARGE_PAGES : MEMORY;
      case ERROR_NOT_ENOUGH_MEMORY,
          ERROR_OUTOFMEMORY,
          ERROR_DISK_FULL,
          ERROR_WORKING_SET_QUOTA,
          ERROR_PAGEFILE_QUOTA,
          ERROR_COMMITMENT_LIMIT,
          ERROR_NOT_ENOUGH_QUOTA ->
          MEMORY;
      case ERROR_TOO_MANY_OPEN_FILES -> "The process has no handle left: close some";
      case ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_CALL_NOT_IMPLEMENTED ->
          "This version of Windows does not offer the call: Windows 10 version 1803 does";
      case ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_INVALID_ADDRESS ->
          "Something else in this process changed the memory, or this version of Windows does not"
              + " support the request: Windows 10 version 1803 does";
    };
  }

  private static boolean isExecutable(CFunction function, long... arguments) {
    Integer position = PROTECTIONS.get(function);
    return position != null
        && WindowsConstants.isExecutable((int) arguments[position] & PROTECTION_MASK);
  }

  private static boolean isLarge(CFunction function, long... arguments) {
    Integer position = TYPES.get(function);
    int flag =
        function.equals(WindowsFunctions.CREATE_FILE_MAPPING) ? SEC_LARGE_PAGES : MEM_LARGE_PAGES;
    return position != null && (arguments[position] & flag) != 0;
  }
}
