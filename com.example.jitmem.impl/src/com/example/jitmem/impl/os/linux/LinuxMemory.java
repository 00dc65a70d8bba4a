// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;

import com.example.jitmem.impl.ffm.CFunction;

/// The memory calls that only Linux has.
final class LinuxMemory {
  /// `void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, void
  /// *new_address)`, mremap(2). The last parameter stands for `...`. An old size of 0 makes a
  /// second mapping of shared memory.
  static final CFunction MREMAP =
      CFunction.of("mremap", INT64, INT64, INT64, INT64, INT32, INT64).variadicFrom(4);

  /// `int memfd_create(const char *name, unsigned int flags)`, memfd_create(2), since Linux 3.17
  /// and glibc 2.27.
  static final CFunction MEMFD_CREATE = CFunction.of("memfd_create", INT32, INT64, INT32);

  private LinuxMemory() {}
}
