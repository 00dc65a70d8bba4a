// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Shared memory that is a file without a name, memfd_create(2).
///
/// There are three forms of it. The first one that the system does not refuse is remembered, so
/// that a system that refuses some is not asked, and does not log that, again and again. Filters of
/// seccomp, which can tell the forms apart, mostly refuse with EPERM.
final class Memfd extends FileMemory {
  /// How the file is made executable, in the order in which it is tried: with `vm.memfd_noexec=2`
  /// the first is refused with EACCES; kernels before 6.3 refuse the first two with EINVAL.
  private static final int[] FORMS = {LinuxConstants.MFD_EXEC, LinuxConstants.MFD_NOEXEC_SEAL, 0};

  /// Shown as `/memfd:jitmem` in `/proc/self/maps`.
  private static final String NAME = "jitmem";

  /// The first form to try, and the refusals of those before it.
  private volatile Known known = new Known(0, List.of());

  private record Known(int form, List<VirtMemException> refused) {}

  Memfd(PosixMemory memory, ResourceLimits limits) {
    super(memory, limits);
  }

  @Override
  public SharedMemory create(long byteSize, int largePageFlags) {
    long descriptor = open(largePageFlags == 0 ? 0 : LinuxConstants.MFD_HUGETLB | largePageFlags);
    return sized(Backing.MEMFD, descriptor, byteSize, largePageFlags != 0);
  }

  @Override
  public List<VirtMemException> refusedForms() {
    return known.refused;
  }

  private long open(int flags) {
    Known before = known;
    List<VirtMemException> refused = new ArrayList<>(before.refused);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(NAME);
      for (int form = before.form; form < FORMS.length; form++) {
        try {
          int all = LinuxConstants.MFD_CLOEXEC | flags | FORMS[form];
          long descriptor = memory.call(LinuxFunctions.MEMFD_CREATE, name.address(), all);
          if (flags == 0 && form != before.form) {
            known = new Known(form, List.copyOf(refused));
          }
          return descriptor;
        } catch (VirtMemException e) {
          refused.add(e);
          if (!isAboutFlags(e)) {
            break;
          }
        }
      }
    }
    throw all(refused);
  }

  private static boolean isAboutFlags(VirtMemException refusal) {
    int errno = refusal.osError().orElse(0);
    return errno == LinuxErrno.EACCES.code()
        || errno == LinuxErrno.EPERM.code()
        || errno == LinuxErrno.EINVAL.code();
  }

  /// One refusal for all forms: that of the last one, which every kernel knows, with the messages
  /// of all.
  private static VirtMemException all(List<VirtMemException> refused) {
    VirtMemException last = refused.getLast();
    if (refused.size() == 1) {
      return last;
    }
    String message =
        refused.stream().map(VirtMemException::getMessage).collect(Collectors.joining("; "));
    VirtMemException all =
        new VirtMemException(last.reason(), last.call(), last.osError().orElseThrow(), message);
    refused.forEach(all::addSuppressed);
    return all;
  }
}
