// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Limits are looked at before a call that would exceed them. No real call is made.
class ResourceLimitsTest {
  private static final long PAGE = 4096;

  private final List<String> made = new ArrayList<>();
  private int resource;
  private long limit = -1;
  private int getrlimitError;

  private final LinuxOs os = new LinuxOs(this::answer, Processor.X86_64, MappingLog.NONE);

  private NativeCalls.Result answer(CFunction function, long... arguments) {
    made.add(function.name());
    if (function.equals(LinuxFunctions.GETRLIMIT)) {
      if (getrlimitError != 0) {
        return new NativeCalls.Result(-1, getrlimitError);
      }
      if (arguments[0] == resource) {
        MemorySegment struct = MemorySegment.ofAddress(arguments[1]).reinterpret(16);
        struct.set(ValueLayout.JAVA_LONG, 0, limit);
      }
      return new NativeCalls.Result(0, 0);
    }
    return new NativeCalls.Result(function.equals(LinuxFunctions.POSIX_FALLOCATE) ? 0 : PAGE, 0);
  }

  private void limit(int which, long value) {
    resource = which;
    limit = value;
  }

  @ParameterizedTest
  @EnumSource(names = {"MEMFD", "SHARED_MEMORY_OBJECT", "TEMPORARY_FILE"})
  void aFileThatWouldExceedTheLimitIsNeverMadeLarger(Backing backing) {
    limit(LinuxConstants.RLIMIT_FSIZE, PAGE - 1);
    assertThatThrownBy(() -> os.createShared(backing, PAGE, false))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY);
              assertThat(e.getMessage()).contains("RLIMIT_FSIZE", "4096", "4095", "ulimit -f");
            });
    assertThat(made).doesNotContain("ftruncate", "posix_fallocate").endsWith("close");
  }

  @Test
  void aLimitThatWasLoweredLaterIsSeenBeforeSpaceIsSetAside() {
    SharedMemory file = os.createShared(Backing.TEMPORARY_FILE, 2 * PAGE, false);
    os.allocateShared(file, 0, PAGE);
    limit(LinuxConstants.RLIMIT_FSIZE, PAGE);
    made.clear();
    os.allocateShared(file, 0, PAGE);
    assertThatThrownBy(() -> os.allocateShared(file, PAGE, PAGE))
        .hasMessageContaining("RLIMIT_FSIZE");
    assertThat(made.stream().filter("posix_fallocate"::equals)).hasSize(1);
  }

  @Test
  void filesUpToTheLimitAreMade() {
    limit(LinuxConstants.RLIMIT_FSIZE, PAGE);
    os.createShared(Backing.MEMFD, PAGE, false);
    assertThat(made).contains("ftruncate");
  }

  @Test
  void memoryWithoutAFileHasNoSuchLimit() {
    limit(LinuxConstants.RLIMIT_FSIZE, 0);
    os.createShared(Backing.SHARED_ANONYMOUS, PAGE, false);
  }

  @Test
  void whatIsMappedCountsAgainstTheLimitOfAddresses() {
    assertThat(os.addressesLeft()).isEqualTo(Long.MAX_VALUE);
    limit(LinuxConstants.RLIMIT_AS, 0);
    assertThat(os.addressesLeft()).isZero();
    limit(LinuxConstants.RLIMIT_AS, 1L << 50);
    assertThat(os.addressesLeft()).isPositive().isLessThan(1L << 50);
  }

  @Test
  void whereWhatIsMappedCannotBeReadALimitLeavesNothingToRelyOn() {
    ResourceLimits limits =
        new ResourceLimits(
            new PosixMemory(this::answer, new LinuxRefusals()), PAGE, OptionalLong::empty);
    assertThat(limits.addressesLeft()).isEqualTo(Long.MAX_VALUE);
    limit(LinuxConstants.RLIMIT_AS, 1L << 50);
    assertThat(limits.addressesLeft()).isZero();
  }

  @Test
  void whereLimitsAreNotToldThereAreNone() {
    getrlimitError = 38;
    assertThat(os.addressesLeft()).isEqualTo(Long.MAX_VALUE);
    os.createShared(Backing.MEMFD, PAGE, false);
  }
}
