// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static com.example.jitmem.impl.faults.Errno.EACCES;
import static com.example.jitmem.impl.faults.Errno.EAGAIN;
import static com.example.jitmem.impl.faults.Errno.EBUSY;
import static com.example.jitmem.impl.faults.Errno.EDQUOT;
import static com.example.jitmem.impl.faults.Errno.EEXIST;
import static com.example.jitmem.impl.faults.Errno.EFBIG;
import static com.example.jitmem.impl.faults.Errno.EINTR;
import static com.example.jitmem.impl.faults.Errno.EINVAL;
import static com.example.jitmem.impl.faults.Errno.EIO;
import static com.example.jitmem.impl.faults.Errno.ELOOP;
import static com.example.jitmem.impl.faults.Errno.EMFILE;
import static com.example.jitmem.impl.faults.Errno.ENAMETOOLONG;
import static com.example.jitmem.impl.faults.Errno.ENFILE;
import static com.example.jitmem.impl.faults.Errno.ENODEV;
import static com.example.jitmem.impl.faults.Errno.ENOENT;
import static com.example.jitmem.impl.faults.Errno.ENOMEM;
import static com.example.jitmem.impl.faults.Errno.ENOSPC;
import static com.example.jitmem.impl.faults.Errno.ENOSYS;
import static com.example.jitmem.impl.faults.Errno.ENOTDIR;
import static com.example.jitmem.impl.faults.Errno.EOPNOTSUPP;
import static com.example.jitmem.impl.faults.Errno.EOVERFLOW;
import static com.example.jitmem.impl.faults.Errno.EPERM;
import static com.example.jitmem.impl.faults.Errno.EROFS;

import com.example.jitmem.impl.ffm.CFunction;
import java.util.List;
import java.util.Map;

/// The errors with which a function can fail when it is called rightly: those of the section ERRORS
/// of its manual page (man-pages 6.03) that do not mean a wrong argument, and what policies add.
/// For mkostemp these are those of open(2) for a file that is made.
///
/// Policies are seccomp filters, which answer a call with EPERM or ENOSYS; security modules, with
/// EACCES or EPERM; and kernels that do not know a flag, with EINVAL.
final class PlausibleErrors {
  private static final Map<String, List<Errno>> OF_FUNCTION =
      Map.ofEntries(
          Map.entry(
              "mmap",
              List.of(ENOMEM, EACCES, EPERM, EAGAIN, EEXIST, EINVAL, ENFILE, ENODEV, EOVERFLOW)),
          Map.entry("munmap", List.of(ENOMEM, EINVAL, EPERM)),
          Map.entry("mprotect", List.of(ENOMEM, EACCES, EINVAL, EPERM)),
          Map.entry("madvise", List.of(ENOMEM, EAGAIN, EACCES, EBUSY, EINVAL, EIO, EPERM)),
          Map.entry("mremap", List.of(ENOMEM, EAGAIN, EINVAL, EPERM, ENOSYS)),
          Map.entry("memfd_create", List.of(EMFILE, ENFILE, ENOMEM, EACCES, EINVAL, EPERM, ENOSYS)),
          Map.entry("open", List.of(EMFILE, ENFILE, EACCES, ENOENT, ENOSPC, EROFS, EINTR, ENOMEM)),
          Map.entry("shm_open", List.of(EMFILE, ENFILE, EACCES, ENOENT, EEXIST, EINVAL)),
          Map.entry(
              "mkostemp",
              List.of(
                  EMFILE,
                  EACCES,
                  EEXIST,
                  ENOSPC,
                  EROFS,
                  ENFILE,
                  ENOMEM,
                  EDQUOT,
                  EPERM,
                  ENOENT,
                  ENOTDIR,
                  ELOOP,
                  ENAMETOOLONG)),
          Map.entry("unlink", List.of(EACCES, EBUSY, EIO, ENOENT, EPERM, EROFS)),
          Map.entry("shm_unlink", List.of(EACCES, ENOENT)),
          Map.entry("ftruncate", List.of(EFBIG, EINTR, EINVAL, EIO, EPERM)),
          Map.entry("fallocate", List.of(ENOSPC, EFBIG, EINTR, EIO, EOPNOTSUPP, ENOSYS, EPERM)),
          Map.entry("posix_fallocate", List.of(ENOSPC, EFBIG, EINTR, EINVAL, ENODEV, EOPNOTSUPP)),
          Map.entry("close", List.of(EINTR, EIO, ENOSPC, EDQUOT)),
          Map.entry("getrlimit", List.of(EPERM)),
          Map.entry("membarrier", List.of(EINVAL, ENOSYS, EPERM)),
          Map.entry("syscall", List.of(EINVAL, ENOSYS, EPERM)),
          Map.entry("getpagesize", List.of()));

  private PlausibleErrors() {}

  /// The errors of a function, the most likely one first.
  ///
  /// @throws AssertionError if nothing is known of the function
  static List<Errno> of(CFunction function) {
    List<Errno> errors = OF_FUNCTION.get(function.name());
    if (errors == null) {
      throw new AssertionError(
          "No errors are listed for "
              + function.name()
              + ": add those of its manual page to PlausibleErrors");
    }
    return errors;
  }
}
