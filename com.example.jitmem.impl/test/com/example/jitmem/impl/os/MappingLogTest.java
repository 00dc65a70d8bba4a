// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingLogTest {
  @Test
  void linesAreAppendedAtOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("mappings");
    MappingLog.to(file).mapped(0x7000, 0x1000, "reserved");
    assertThat(Files.readString(file)).isEqualTo("+ 7000 8000 reserved\n");
    MappingLog.to(file).unmapped(0x7000, 0x1000);
    assertThat(Files.readString(file)).isEqualTo("+ 7000 8000 reserved\n- 7000 8000\n");
  }

  @Test
  void aFileThatCannotBeWrittenChangesNothingElse(@TempDir Path folder) {
    MappingLog.to(folder).mapped(0x7000, 0x1000, "reserved");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nothingIsLoggedUnlessAsked() {
    assertThat(System.getProperty(MappingLog.PROPERTY)).isNull();
    assertThat(MappingLog.ofSystemProperty()).isSameAs(MappingLog.NONE);
  }
}
