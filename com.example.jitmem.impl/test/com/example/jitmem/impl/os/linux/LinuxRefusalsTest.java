// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemException.Reason;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Which error becomes which reason and which advice. No real call is made.
class LinuxRefusalsTest {
  private final List<String> flagsOfMemfd = new ArrayList<>();

  private LinuxOs refusing(CFunction refused, int errno) {
    NativeCalls calls =
        (function, arguments) -> {
          if (function.equals(LinuxFunctions.MEMFD_CREATE)) {
            flagsOfMemfd.add(Long.toHexString(arguments[1]));
          }
          return function.equals(refused)
              ? new NativeCalls.Result(-1, errno)
              : new NativeCalls.Result(4096, 0);
        };
    return new LinuxOs(calls, Processor.X86_64, MappingLog.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "12, ENOMEM, OUT_OF_MEMORY, vm.max_map_count",
    "11, EAGAIN, OUT_OF_MEMORY, RLIMIT_MEMLOCK",
    "13, EACCES, DENIED_BY_POLICY, MemoryDenyWriteExecute",
    "1, EPERM, DENIED_BY_POLICY, SELinux",
    "23, ENFILE, TOO_MANY_HANDLES, fs.file-max",
    "38, ENOSYS, NOT_SUPPORTED, kernel",
    "22, EINVAL, OTHER, kernel",
    "9999, errno 9999, OTHER, manual page"
  })
  void aRefusalOfExecutableMemoryIsExplained(int errno, String name, Reason reason, String advice) {
    LinuxOs os = refusing(PosixMemory.MMAP, errno);
    assertThatThrownBy(() -> os.map(8192, MemoryAccess.RWX, Set.of(), AddressWindow.ANYWHERE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.call()).isEqualTo("mmap");
              assertThat(e.osError()).hasValue(errno);
              assertThat(e.getMessage()).contains("mmap", name, "8192", advice);
            });
  }

  @Test
  void eachLimitThatMemoryCanRunIntoIsNamed() {
    LinuxOs os = refusing(PosixMemory.MMAP, LinuxErrno.ENOMEM.code());
    assertThatThrownBy(() -> os.map(4096, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE))
        .hasMessageContainingAll(
            "RLIMIT_AS (ulimit -v)",
            "RLIMIT_DATA (ulimit -d)",
            "control group",
            "vm.max_map_count",
            "vm.overcommit_memory=2");
  }

  @Test
  void dataIsNotExplainedByPoliciesForCode() {
    LinuxOs os = refusing(PosixMemory.MMAP, LinuxErrno.EACCES.code());
    assertThatThrownBy(() -> os.map(4096, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE))
        .hasMessageNotContaining("PR_SET_MDWE");
  }

  @Test
  void missingLargePagesAreExplained() {
    LinuxOs os = refusing(PosixMemory.MMAP, LinuxErrno.ENOMEM.code());
    assertThatThrownBy(
            () ->
                os.map(
                    1 << 21,
                    MemoryAccess.RW,
                    Set.of(MapOption.LARGE_PAGES),
                    AddressWindow.ANYWHERE))
        .hasMessageContaining("vm.nr_hugepages");
  }

  @ParameterizedTest
  @EnumSource(
      value = LinuxErrno.class,
      names = {"EACCES", "EPERM", "EINVAL"})
  void memfdIsTriedWithExecThenSealedThenPlain(LinuxErrno errno) {
    LinuxOs os = refusing(LinuxFunctions.MEMFD_CREATE, errno.code());
    assertThatThrownBy(() -> os.createShared(Backing.MEMFD, 4096, false))
        .hasMessageContainingAll("memfd_create with MFD_EXEC", errno.name());
    assertThat(flagsOfMemfd).containsExactly("11", "9", "1");
  }

  @Test
  void memfdIsTriedOnceWhereDescriptorsAreShort() {
    LinuxOs os = refusing(LinuxFunctions.MEMFD_CREATE, LinuxErrno.EMFILE.code());
    assertThatThrownBy(() -> os.createShared(Backing.MEMFD, 4096, false))
        .hasMessageContaining("RLIMIT_NOFILE");
    assertThat(flagsOfMemfd).containsExactly("11");
  }

  @Test
  void aFileThatMayNotGrowIsExplained() {
    LinuxOs os = refusing(PosixMemory.FTRUNCATE, LinuxErrno.EFBIG.code());
    assertThatThrownBy(() -> os.createShared(Backing.MEMFD, 4096, false))
        .hasMessageContaining("RLIMIT_FSIZE");
  }
}
