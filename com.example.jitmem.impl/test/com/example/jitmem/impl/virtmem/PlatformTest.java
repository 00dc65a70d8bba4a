// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({"Linux, aarch64", "Linux, x86", "Mac OS X, aarch64", "Windows 11, amd64"})
  void otherSystemsAreRefusedByName(String system, String architecture) {
    assertThatThrownBy(() -> Platform.open(system, architecture))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED))
        .hasMessageContaining(Platform.SUPPORTED)
        .hasMessageContaining(system + " on " + architecture);
  }

  @Test
  void linuxOnX86Opens() {
    assertThat(Platform.open("Linux", "amd64").facts().systemName()).isEqualTo(Platform.SUPPORTED);
  }
}
