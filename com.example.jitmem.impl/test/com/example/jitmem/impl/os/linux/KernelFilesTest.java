// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelFilesTest {
  private static final List<String> SMAPS =
      List.of(
          "200000-600000 rwxp 00000000 00:00 0 ",
          "Size:               4096 kB",
          "AnonHugePages:      4096 kB",
          "VmFlags: rd wr ex",
          "600000-a00000 r-xs 00000000 00:01 65    /dev/zero (deleted)",
          "AnonHugePages:         0 kB",
          "ShmemPmdMapped:     2048 kB",
          "FilePmdMapped:         0 kB");

  @Test
  void largePagesOfAllKindsInTheRangeAreCounted() {
    assertThat(KernelFiles.largePageBytes(SMAPS, 0x200000, 0x800000)).isEqualTo(0x600000);
  }

  @Test
  void aMappingThatIsPartlyInTheRangeCountsWithThatPart() {
    assertThat(KernelFiles.largePageBytes(SMAPS, 0x400000, 0x200000)).isEqualTo(0x200000);
  }

  @Test
  void mappingsOutsideOfTheRangeDoNotCount() {
    assertThat(KernelFiles.largePageBytes(SMAPS, 0xa00000, 0x200000)).isZero();
    assertThat(KernelFiles.largePageBytes(SMAPS, 0, 0x200000)).isZero();
  }
}
