// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({"Linux, riscv64", "Linux, x86", "Mac OS X, aarch64", "Windows 11, amd64"})
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
}
