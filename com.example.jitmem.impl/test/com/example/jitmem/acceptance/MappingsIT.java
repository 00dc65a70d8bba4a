// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the component maps is ours to find: recognised by its log, in a JVM of its own.
@OnLinux
class MappingsIT {
  @Test
  void nothingStaysMappedAndNoDualMappedPageIsEverWritableAndExecutable(@TempDir Path folder)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-D" + LoggedMappings.PROPERTY + "=" + folder.resolve("mappings"),
                "-cp",
                System.getProperty("java.class.path"),
                MappingScenario.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit status of a JVM that printed: %s", output).isZero();
  }
}
