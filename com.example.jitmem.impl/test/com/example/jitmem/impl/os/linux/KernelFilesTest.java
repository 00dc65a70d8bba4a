// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @TempDir private Path folder;

  private long largePageBytes(long address, long byteSize) throws IOException {
    Path file = Files.write(folder.resolve("smaps"), SMAPS);
    return KernelFiles.largePageBytes(file, address, byteSize);
  }

  @Test
  void largePagesOfAllKindsInTheRangeAreCounted() throws IOException {
    assertThat(largePageBytes(0x200000, 0x800000)).isEqualTo(0x600000);
  }

  @Test
  void aMappingThatIsPartlyInTheRangeCountsWithThatPart() throws IOException {
    assertThat(largePageBytes(0x400000, 0x200000)).isEqualTo(0x200000);
  }

  @Test
  void mappingsOutsideOfTheRangeDoNotCount() throws IOException {
    assertThat(largePageBytes(0xa00000, 0x200000)).isZero();
    assertThat(largePageBytes(0, 0x200000)).isZero();
  }

  @Test
  void figuresThatCannotBeReadAreZero() {
    assertThat(KernelFiles.largePageBytes(folder.resolve("none"), 0, 1)).isZero();
  }

  @Test
  void limitsOfThisProcessAreKnown() {
    assertThat(KernelFiles.mmapMinAddress()).isPositive();
    assertThat(KernelFiles.stackLimit()).isPositive();
  }
}
