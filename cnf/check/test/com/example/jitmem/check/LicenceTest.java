// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every file that can carry a comment says under which licence it is.
class LicenceTest {
  private static final String LINE = "SPDX-License-Identifier: Apache-2.0";
  private static final Set<String> WITH_COMMENTS =
      Set.of("java", "xml", "bnd", "bndrun", "mvn", "cpp", "h", "xsl", "yml");

  @Test
  void sourcesAndConfigurationNameTheLicenceInTheirFirstLines() throws IOException {
    List<Path> files =
        Tree.sources(path -> WITH_COMMENTS.contains(extension(path)) || path.startsWith(".ci"));
    assertThat(files).hasSizeGreaterThan(50);
    assertThat(files)
        .filteredOn(
            path ->
                Tree.read(Tree.ROOT.resolve(path))
                    .lines()
                    .limit(3)
                    .noneMatch(line -> line.contains(LINE)))
        .isEmpty();
  }

  @Test
  void theLicenceIsInTheTree() {
    assertThat(Tree.read(Tree.ROOT.resolve("LICENSE")))
        .contains("Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS");
  }

  private static String extension(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
