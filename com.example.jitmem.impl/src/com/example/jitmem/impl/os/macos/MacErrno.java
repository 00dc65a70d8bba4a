// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.api.virtmem.VirtMemException.Reason.DENIED_BY_POLICY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.NOT_SUPPORTED;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OTHER;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OUT_OF_MEMORY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.TOO_MANY_HANDLES;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.Arrays;
import java.util.Optional;

/// Error codes that the memory calls of macOS give, from intro(2). Values are those of sys/errno.h;
/// from EAGAIN on they differ from Linux.
enum MacErrno {
  EPERM(1, DENIED_BY_POLICY),
  EIO(5, OTHER),
  ENOMEM(12, OUT_OF_MEMORY),
  EACCES(13, DENIED_BY_POLICY),
  EFAULT(14, OTHER),
  EINVAL(22, OTHER),
  ENFILE(23, TOO_MANY_HANDLES),
  EMFILE(24, TOO_MANY_HANDLES),
  EAGAIN(35, OUT_OF_MEMORY),
  ENOTSUP(45, NOT_SUPPORTED),
  ENOSYS(78, NOT_SUPPORTED);

  private final int code;
  private final VirtMemException.Reason reason;

  MacErrno(int code, VirtMemException.Reason reason) {
    this.code = code;
    this.reason = reason;
  }

  static Optional<MacErrno> of(int code) {
    return Arrays.stream(values()).filter(errno -> errno.code == code).findFirst();
  }

  int code() {
    return code;
  }

  VirtMemException.Reason reason() {
    return reason;
  }
}
