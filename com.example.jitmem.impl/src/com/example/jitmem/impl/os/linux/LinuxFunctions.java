// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;

import com.example.jitmem.impl.ffm.CFunction;

/// The memory calls that only Linux has.
final class LinuxFunctions {
  /// `void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, void
  /// *new_address)`, mremap(2). The last parameter stands for `...`. An old size of 0 makes a
  /// second mapping of shared memory.
  static final CFunction MREMAP =
      CFunction.of("mremap", INT64, INT64, INT64, INT64, INT32, INT64).variadicFrom(4);

  /// `int memfd_create(const char *name, unsigned int flags)`, memfd_create(2), since Linux 3.17
  /// and glibc 2.27.
  static final CFunction MEMFD_CREATE = CFunction.of("memfd_create", INT32, INT64, INT32);

  /// `int mkostemp(char *template, int flags)`, mkstemp(3): makes and opens a file that no other
  /// process has, for its owner only, since glibc 2.7.
  static final CFunction MKOSTEMP = CFunction.of("mkostemp", INT32, INT64, INT32);

  /// `int open(const char *pathname, int flags, ...)`, open(2).
  static final CFunction OPEN = CFunction.of("open", INT32, INT64, INT32).variadicFrom(2);

  /// `int unlink(const char *pathname)`, unlink(2).
  static final CFunction UNLINK = CFunction.of("unlink", INT32, INT64);

  /// `int posix_fallocate(int fd, off_t offset, off_t len)`, posix_fallocate(3). Returns the error
  /// code and leaves `errno` alone.
  static final CFunction POSIX_FALLOCATE =
      CFunction.of("posix_fallocate", INT32, INT32, INT64, INT64);

  /// `int fallocate(int fd, int mode, off_t offset, off_t len)`, fallocate(2).
  static final CFunction FALLOCATE = CFunction.of("fallocate", INT32, INT32, INT32, INT64, INT64);

  /// `int getrlimit(int resource, struct rlimit *rlim)`, getrlimit(2).
  static final CFunction GETRLIMIT = CFunction.of("getrlimit", INT32, INT32, INT64);

  private LinuxFunctions() {}
}
