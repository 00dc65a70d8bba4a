// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({"Linux, riscv64", "Linux, x86", "FreeBSD, amd64", "OpenBSD, amd64", "NetBSD, amd64"})
  void otherSystemsAreRefusedByName(String system, String architecture) {
    assertThatThrownBy(() -> Platform.open(system, architecture))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED))
        .hasMessageContaining(Platform.SUPPORTED)
        .hasMessageContaining(system + " on " + architecture);
  }

  @Test
  void theRunningLinuxOpens() {
    assertThat(Platform.open().facts().systemName()).startsWith("Linux on ");
  }

  @ParameterizedTest
  @CsvSource({"amd64, X86_64", "aarch64, AARCH64"})
  void theProcessorIsKnownByTheNameOfTheJvm(String architecture, Processor processor) {
    assertThat(Platform.open("Linux", architecture).facts().processor()).isEqualTo(processor);
    assertThat(Platform.SUPPORTED).contains(processor.displayName());
  }

  /// The first call that no other system has is where it ends here.
  @ParameterizedTest
  @CsvSource({
    "Mac OS X, x86_64, mach_task_self",
    "Mac OS X, aarch64, mach_task_self",
    "Windows 11, amd64, GetLastError",
    "Windows Server 2022, aarch64, GetLastError"
  })
  void othersAreChosenByName(String system, String architecture, String own) {
    assertThatThrownBy(() -> Platform.open(system, architecture)).hasMessageContaining(own);
  }
}
