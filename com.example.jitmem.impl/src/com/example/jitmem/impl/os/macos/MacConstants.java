// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

/// Values of macOS' own flags.
final class MacConstants {
  /// mmap(2), sys/mman.h: no swap space is set aside.
  static final int MAP_NORESERVE = 0x40;

  /// mmap(2), sys/mman.h, since macOS 10.14: memory for code made at run time. Cannot be combined
  /// with `MAP_FIXED` or `MAP_SHARED` (EINVAL, xnu bsd/kern/kern_mman.c).
  static final int MAP_JIT = 0x800;

  /// mmap(2), sys/mman.h: memory without a file.
  static final int MAP_ANON = 0x1000;

  /// sys/mman.h: what pages hold is not needed, and they no longer count for the process. Allowed
  /// for `MAP_JIT` memory whatever the thread may do with it (xnu osfmk/vm/vm_map.c,
  /// vm_map_reusable_pages).
  static final int MADV_FREE_REUSABLE = 7;

  /// sys/mman.h: pages given up by [#MADV_FREE_REUSABLE] are used again.
  static final int MADV_FREE_REUSE = 8;

  /// mach/vm_inherit.h, minherit(2): children made by fork do not get the pages.
  static final int VM_INHERIT_NONE = 2;

  /// mach/vm_statistics.h: exactly at the address (`VM_FLAGS_FIXED`, which is 0), in the place of
  /// what is there, in one step.
  static final int VM_FLAGS_OVERWRITE = 0x4000;

  /// dlfcn.h: the symbols of the whole process.
  static final long RTLD_DEFAULT = -2;

  private MacConstants() {}
}
