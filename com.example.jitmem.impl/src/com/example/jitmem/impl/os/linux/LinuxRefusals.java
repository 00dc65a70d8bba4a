// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.os.posix.PosixMemory;
import com.example.jitmem.impl.os.posix.Refusals;

/// Says which policy or limit of Linux most likely refused a call, and what can be done.
final class LinuxRefusals implements Refusals {
  private static final String MEMORY =
      "The process is out of memory, address space or mappings: raise RLIMIT_AS (ulimit -v),"
          + " RLIMIT_DATA (ulimit -d), the memory limit of its control group, or vm.max_map_count;"
          + " with vm.overcommit_memory=2 also vm.overcommit_ratio";

  private static final String EXECUTE =
      "A policy forbids executable memory that is or was writable, for example PR_SET_MDWE,"
          + " systemd's MemoryDenyWriteExecute=, or SELinux without execmem: use dual mapping, or"
          + " lift the policy for this process";

  private static final String NOEXEC =
      "The file system of the file is mounted noexec, or SELinux forbids to execute the file: mount"
          + " it with exec, or lift the policy for this process";

  private static final String LARGE_PAGES =
      "No large pages of that size are free: raise vm.nr_hugepages, or the limit of hugetlb memory"
          + " of the process's control group";

  @Override
  public VirtMemException of(CFunction function, int errno, long... arguments) {
    LinuxErrno known = LinuxErrno.of(errno).orElse(null);
    return new VirtMemException(
        known == null ? VirtMemException.Reason.OTHER : known.reason(),
        function.name(),
        errno,
        function.name()
            + form(function, arguments)
            + " failed with "
            + LinuxErrno.nameOf(errno)
            + size(function, arguments)
            + ". "
            + (known == null ? "See its manual page" : advice(function, known, arguments)));
  }

  /// Which form of a call failed, where several are tried.
  private static String form(CFunction function, long... arguments) {
    if (!function.equals(LinuxFunctions.MEMFD_CREATE)) {
      return "";
    }
    if ((arguments[1] & LinuxConstants.MFD_EXEC) != 0) {
      return " with MFD_EXEC";
    }
    return (arguments[1] & LinuxConstants.MFD_NOEXEC_SEAL) != 0 ? " with MFD_NOEXEC_SEAL" : "";
  }

  private static String size(CFunction function, long... arguments) {
    boolean takesSize =
        function.equals(PosixMemory.MMAP)
            || function.equals(PosixMemory.MUNMAP)
            || function.equals(PosixMemory.MPROTECT)
            || function.equals(PosixMemory.MADVISE)
            || function.equals(PosixMemory.FTRUNCATE);
    if (function.equals(LinuxFunctions.POSIX_FALLOCATE)) {
      return " for " + arguments[2] + " bytes";
    }
    return takesSize ? " for " + arguments[1] + " bytes" : "";
  }

  private static String advice(CFunction function, LinuxErrno errno, long... arguments) {
    return switch (errno) {
      case EACCES, EPERM -> policy(function, arguments);
      case ENOMEM -> asksForLargePages(function, arguments) ? LARGE_PAGES : MEMORY;
      case EAGAIN -> "The process may not lock more memory: raise RLIMIT_MEMLOCK (ulimit -l)";
      case EMFILE -> "The process has no descriptor left: raise RLIMIT_NOFILE (ulimit -n)";
      case ENFILE -> "The system has no descriptor left: raise fs.file-max";
      case EFBIG -> "The file would be larger than allowed: raise RLIMIT_FSIZE (ulimit -f)";
      case ENOSPC, EDQUOT ->
          "The file system that holds the memory is full, or the quota of this user on it: give it"
              + " more space";
      case ENOENT, ENOTDIR -> "There is no such folder: make it, or set java.io.tmpdir to another";
      case ELOOP ->
          "The symbolic links to the folder go in a circle, or are too many: set java.io.tmpdir to"
              + " another folder";
      case ENAMETOOLONG ->
          "The name of the folder is longer than the system takes: set java.io.tmpdir to another";
      case EROFS ->
          "The file system of the folder cannot be written: mount it writable, or set"
              + " java.io.tmpdir to a folder on another";
      case ENOSYS, EOPNOTSUPP, ENODEV -> "This kernel or container does not offer the call";
      case EFAULT, EHWPOISON ->
          populates(function, arguments) ? LARGE_PAGES : "See its manual page";
      case EINVAL ->
          "This kernel does not know what was asked for: a newer one may, or the process has other"
              + " mappings there";
      default -> "See its manual page";
    };
  }

  private static String policy(CFunction function, long... arguments) {
    if (function.equals(LinuxFunctions.MKOSTEMP)) {
      return "This user may not make files in the folder: allow it, or set java.io.tmpdir to"
          + " another folder";
    }
    if (function.equals(LinuxFunctions.MEMFD_CREATE)) {
      return "A policy forbids files without a name, for example vm.memfd_noexec=2 or a seccomp"
          + " filter: set vm.memfd_noexec=0 or 1, or allow memfd_create";
    }
    if (executable(function, arguments)) {
      return ofFile(function, arguments) ? NOEXEC : EXECUTE;
    }
    return "A policy of the system forbids it, for example SELinux or a seccomp filter: lift it for"
        + " this process";
  }

  private static boolean executable(CFunction function, long... arguments) {
    boolean takesProtection =
        function.equals(PosixMemory.MMAP) || function.equals(PosixMemory.MPROTECT);
    return takesProtection && (arguments[2] & PosixMemory.PROT_EXEC) != 0;
  }

  /// Whether memory of a file is requested that cannot be written through the same mapping.
  private static boolean ofFile(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MMAP)
        && arguments[4] != PosixMemory.NO_FILE
        && (arguments[2] & PosixMemory.PROT_WRITE) == 0;
  }

  private static boolean asksForLargePages(CFunction function, long... arguments) {
    return populates(function, arguments)
        || (function.equals(PosixMemory.MMAP) && (arguments[3] & LinuxConstants.MAP_HUGETLB) != 0);
  }

  /// Whether pages are made present, as is done with large ones only.
  private static boolean populates(CFunction function, long... arguments) {
    return function.equals(PosixMemory.MADVISE)
        && (arguments[2] == LinuxConstants.MADV_POPULATE_READ
            || arguments[2] == LinuxConstants.MADV_POPULATE_WRITE);
  }
}
