// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import com.example.jitmem.testing.ChildJvm;
import com.example.jitmem.testing.OnLinux;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the component maps is ours to find: recognised by its log, in a JVM of its own.
@OnLinux
class MappingsIT {
  @Test
  void nothingStaysMappedAndNoDualMappedPageIsEverWritableAndExecutable(@TempDir Path folder)
      throws Exception {
    ChildJvm.run(
            MappingScenario.class,
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-D" + LoggedMappings.PROPERTY + "=" + folder.resolve("mappings")))
        .assertEndedWell();
  }
}
