// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.api.virtmem.VirtMemException.Reason.DENIED_BY_POLICY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.NOT_SUPPORTED;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OTHER;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OUT_OF_MEMORY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.TOO_MANY_HANDLES;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.Arrays;
import java.util.Optional;

/// Error codes that the memory calls of Windows give. Values are those of winerror.h, "System Error
/// Codes".
enum WindowsError {
  ERROR_INVALID_FUNCTION(1, NOT_SUPPORTED),
  ERROR_TOO_MANY_OPEN_FILES(4, TOO_MANY_HANDLES),
  ERROR_ACCESS_DENIED(5, DENIED_BY_POLICY),
  ERROR_INVALID_HANDLE(6, OTHER),
  ERROR_NOT_ENOUGH_MEMORY(8, OUT_OF_MEMORY),
  ERROR_OUTOFMEMORY(14, OUT_OF_MEMORY),
  ERROR_NOT_SUPPORTED(50, NOT_SUPPORTED),
  ERROR_INVALID_PARAMETER(87, OTHER),
  ERROR_DISK_FULL(112, OUT_OF_MEMORY),
  ERROR_CALL_NOT_IMPLEMENTED(120, NOT_SUPPORTED),
  ERROR_INVALID_ADDRESS(487, OTHER),
  ERROR_NOT_ALL_ASSIGNED(1300, DENIED_BY_POLICY),
  ERROR_NO_SUCH_PRIVILEGE(1313, DENIED_BY_POLICY),
  ERROR_PRIVILEGE_NOT_HELD(1314, DENIED_BY_POLICY),
  ERROR_NO_SYSTEM_RESOURCES(1450, OUT_OF_MEMORY),
  ERROR_WORKING_SET_QUOTA(1453, OUT_OF_MEMORY),
  ERROR_PAGEFILE_QUOTA(1454, OUT_OF_MEMORY),
  ERROR_COMMITMENT_LIMIT(1455, OUT_OF_MEMORY),
  ERROR_DYNAMIC_CODE_BLOCKED(1655, DENIED_BY_POLICY),
  ERROR_NOT_ENOUGH_QUOTA(1816, OUT_OF_MEMORY);

  private final int code;
  private final VirtMemException.Reason reason;

  WindowsError(int code, VirtMemException.Reason reason) {
    this.code = code;
    this.reason = reason;
  }

  static Optional<WindowsError> of(int code) {
    return Arrays.stream(values()).filter(error -> error.code == code).findFirst();
  }

  int code() {
    return code;
  }

  VirtMemException.Reason reason() {
    return reason;
  }
}
