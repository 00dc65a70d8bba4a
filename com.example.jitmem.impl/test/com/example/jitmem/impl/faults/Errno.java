// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

/// Error codes of Linux, from asm-generic/errno-base.h and asm-generic/errno.h.
enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EBUSY(16),
  EEXIST(17),
  ENODEV(19),
  ENOTDIR(20),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  EFBIG(27),
  ENOSPC(28),
  EROFS(30),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ELOOP(40),
  EOVERFLOW(75),
  EOPNOTSUPP(95),
  EDQUOT(122);

  private final int code;

  Errno(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
