// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.api.virtmem.VirtMemException.Reason.DENIED_BY_POLICY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.NOT_SUPPORTED;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OTHER;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OUT_OF_MEMORY;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.Arrays;
import java.util.Optional;

/// What memory calls of Mach return when they fail. Values are those of mach/kern_return.h.
enum KernReturn {
  KERN_INVALID_ADDRESS(1, OTHER),
  KERN_PROTECTION_FAILURE(2, DENIED_BY_POLICY),
  KERN_NO_SPACE(3, OUT_OF_MEMORY),
  KERN_INVALID_ARGUMENT(4, OTHER),
  KERN_FAILURE(5, OTHER),
  KERN_RESOURCE_SHORTAGE(6, OUT_OF_MEMORY),
  KERN_NO_ACCESS(8, DENIED_BY_POLICY),
  KERN_INVALID_TASK(16, OTHER),
  KERN_NOT_SUPPORTED(46, NOT_SUPPORTED),
  KERN_CODESIGN_ERROR(50, DENIED_BY_POLICY),
  KERN_DENIED(53, DENIED_BY_POLICY);

  private final int code;
  private final VirtMemException.Reason reason;

  KernReturn(int code, VirtMemException.Reason reason) {
    this.code = code;
    this.reason = reason;
  }

  static Optional<KernReturn> of(int code) {
    return Arrays.stream(values()).filter(known -> known.code == code).findFirst();
  }

  int code() {
    return code;
  }

  VirtMemException.Reason reason() {
    return reason;
  }
}
