// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

/// Values of Linux's own flags: those that POSIX does not have, or leaves to the system.
final class LinuxConstants {
  /// mmap(2), asm-generic/mman-common.h: memory without a file.
  static final int MAP_ANONYMOUS = 0x20;

  /// mmap(2), asm-generic/mman.h: no swap space is set aside.
  static final int MAP_NORESERVE = 0x4000;

  /// mmap(2), asm-generic/mman-common.h: the mapping is placed exactly at the address or refused
  /// with EEXIST, since Linux 4.17. Older kernels place it somewhere else.
  static final int MAP_FIXED_NOREPLACE = 0x100000;

  /// mmap(2), asm-generic/mman-common.h: memory of large pages (hugetlb), since Linux 2.6.32.
  static final int MAP_HUGETLB = 0x40000;

  /// mmap(2), asm-generic/hugetlb_encode.h: where the binary logarithm of the large page size
  /// begins in the flags, since Linux 3.8.
  static final int MAP_HUGE_SHIFT = 26;

  /// mremap(2), linux/mman.h: the mapping may get another address.
  static final int MREMAP_MAYMOVE = 0x1;

  /// mremap(2), linux/mman.h: the mapping gets exactly the address given, since Linux 2.3.31.
  static final int MREMAP_FIXED = 0x2;

  /// madvise(2), asm-generic/mman-common.h: frees the pages of private memory, which then read as
  /// zero.
  static final int MADV_DONTNEED = 4;

  /// madvise(2), asm-generic/mman-common.h: frees the pages of shared memory, which then read as
  /// zero, since Linux 2.6.16.
  static final int MADV_REMOVE = 9;

  /// madvise(2), asm-generic/mman-common.h: children made by fork do not get the pages, since Linux
  /// 2.6.16.
  static final int MADV_DONTFORK = 10;

  /// madvise(2), asm-generic/mman-common.h: large pages when memory is touched first, since Linux
  /// 2.6.38.
  static final int MADV_HUGEPAGE = 14;

  /// madvise(2), asm-generic/mman-common.h: makes pages present as reading them does, since Linux
  /// 5.14.
  static final int MADV_POPULATE_READ = 22;

  /// madvise(2), asm-generic/mman-common.h: makes pages present as writing them does, since Linux
  /// 5.14.
  static final int MADV_POPULATE_WRITE = 23;

  /// madvise(2), asm-generic/mman-common.h: makes large pages now, whatever the settings in
  /// `/sys/kernel/mm/transparent_hugepage` say, since Linux 6.1.
  static final int MADV_COLLAPSE = 25;

  /// memfd_create(2), linux/memfd.h: the descriptor is closed by execve, since Linux 3.17.
  static final int MFD_CLOEXEC = 0x1;

  /// memfd_create(2), linux/memfd.h: the file is of large pages, since Linux 4.14. The size is
  /// given as for [#MAP_HUGETLB].
  static final int MFD_HUGETLB = 0x4;

  /// memfd_create(2), linux/memfd.h: the file can never be made executable, since Linux 6.3. It can
  /// be mapped executable all the same.
  static final int MFD_NOEXEC_SEAL = 0x8;

  /// memfd_create(2), linux/memfd.h: the file is executable, since Linux 6.3. Kernels that know it
  /// warn where neither this nor [#MFD_NOEXEC_SEAL] is given.
  static final int MFD_EXEC = 0x10;

  /// open(2), asm-generic/fcntl.h: the descriptor is closed by execve, since Linux 2.6.23.
  static final int O_CLOEXEC = 0x80000;

  /// fallocate(2), linux/falloc.h: the size of the file stays.
  static final int FALLOC_FL_KEEP_SIZE = 0x1;

  /// fallocate(2), linux/falloc.h: the space of the range is given back, since Linux 2.6.38.
  static final int FALLOC_FL_PUNCH_HOLE = 0x2;

  /// getrlimit(2), asm-generic/resource.h: the largest size of a file in bytes.
  static final int RLIMIT_FSIZE = 1;

  /// getrlimit(2), asm-generic/resource.h: the largest size of the address space in bytes.
  static final int RLIMIT_AS = 9;

  /// asm-generic/unistd.h, which AArch64 uses: the number of membarrier(2).
  static final int SYS_MEMBARRIER_AARCH64 = 283;

  /// membarrier(2), linux/membarrier.h: tells which of the commands below there are, since Linux
  /// 4.3.
  static final int MEMBARRIER_CMD_QUERY = 0;

  /// membarrier(2), linux/membarrier.h: returns when every processor has gone through the
  /// scheduler, since Linux 4.3.
  static final int MEMBARRIER_CMD_GLOBAL = 0x1;

  /// membarrier(2), linux/membarrier.h: returns when no thread of this process executes
  /// instructions fetched before, since Linux 4.16. EPERM unless registered.
  static final int MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE = 0x20;

  /// membarrier(2), linux/membarrier.h: announces the use of
  /// [#MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE], since Linux 4.16.
  static final int MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 0x40;

  private LinuxConstants() {}
}
