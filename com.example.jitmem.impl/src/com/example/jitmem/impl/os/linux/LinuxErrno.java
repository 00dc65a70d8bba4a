// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.api.virtmem.VirtMemException.Reason.DENIED_BY_POLICY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.NOT_SUPPORTED;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OTHER;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.OUT_OF_MEMORY;
import static com.example.jitmem.api.virtmem.VirtMemException.Reason.TOO_MANY_HANDLES;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.Arrays;
import java.util.Optional;

/// Error codes that the memory calls of Linux give, from errno(3). Values are those of
/// asm-generic/errno-base.h and asm-generic/errno.h.
enum LinuxErrno {
  EPERM(1, DENIED_BY_POLICY),
  ENOENT(2, NOT_SUPPORTED),
  EINTR(4, OTHER),
  EIO(5, OTHER),
  EBADF(9, OTHER),
  EAGAIN(11, OUT_OF_MEMORY),
  ENOMEM(12, OUT_OF_MEMORY),
  EACCES(13, DENIED_BY_POLICY),
  EFAULT(14, OTHER),
  EBUSY(16, OTHER),
  EEXIST(17, OTHER),
  ENODEV(19, NOT_SUPPORTED),
  ENOTDIR(20, NOT_SUPPORTED),
  EINVAL(22, OTHER),
  ENFILE(23, TOO_MANY_HANDLES),
  EMFILE(24, TOO_MANY_HANDLES),
  EFBIG(27, OUT_OF_MEMORY),
  ENOSPC(28, OUT_OF_MEMORY),
  EROFS(30, DENIED_BY_POLICY),
  ENAMETOOLONG(36, NOT_SUPPORTED),
  ENOSYS(38, NOT_SUPPORTED),
  ELOOP(40, NOT_SUPPORTED),
  EOVERFLOW(75, OUT_OF_MEMORY),
  EOPNOTSUPP(95, NOT_SUPPORTED),
  EDQUOT(122, OUT_OF_MEMORY),
  EHWPOISON(133, OTHER);

  private final int code;
  private final VirtMemException.Reason reason;

  LinuxErrno(int code, VirtMemException.Reason reason) {
    this.code = code;
    this.reason = reason;
  }

  static Optional<LinuxErrno> of(int code) {
    return Arrays.stream(values()).filter(errno -> errno.code == code).findFirst();
  }

  /// A code as messages name it, with its symbol where that is known.
  static String nameOf(int code) {
    return of(code).map(errno -> errno + " (" + code + ")").orElse("errno " + code);
  }

  int code() {
    return code;
  }

  VirtMemException.Reason reason() {
    return reason;
  }
}
