// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What users copy from README fits this build. Its Java code is compiled and run by the example.
class ReadmeTest {
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>"
              + "(?:\\s*<version>([^<]+)</version>)?");

  private static final Pattern JSON_VALUE =
      Pattern.compile("\"(jitmem\\.[a-z.]+)(?::([A-Z]\\w+))?\": ([^,\\s]+)");

  private static final Pattern OPTION_ROW =
      Pattern.compile("^\\| `(jitmem\\.[a-z.]+)` \\| (\\w+)", Pattern.MULTILINE);

  private final Document readme = Document.read(Path.of("README.md"));

  @Test
  void mavenSnippetImportsTheBillOfMaterialsAndNamesWhatItManages() {
    Pom bom = Pom.read(Tree.ROOT.resolve("com.example.jitmem.bom/pom.xml"));
    List<String> managed = new ArrayList<>();
    for (MatchResult dependency : DEPENDENCY.matcher(block("xml")).results().toList()) {
      String name = dependency.group(1) + ":" + dependency.group(2);
      if (dependency.group(3) != null) {
        assertThat(name).isEqualTo("com.example.jitmem:com.example.jitmem.bom");
        assertThat(dependency.group(3)).isEqualTo(Tree.VERSION);
      } else {
        managed.add(name);
      }
    }
    assertThat(managed).hasSize(2).isSubsetOf(bom.managedVersions().keySet());
  }

  @Test
  void configurationSetsOptionsOfTheTableToTheirTypes() {
    Map<String, String> types =
        OPTION_ROW
            .matcher(readme.text())
            .results()
            .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));
    List<MatchResult> values = JSON_VALUE.matcher(block("json")).results().toList();
    assertThat(values).isNotEmpty();
    for (MatchResult value : values) {
      String given =
          value.group(2) != null
              ? value.group(2)
              : value.group(3).matches("true|false") ? "Boolean" : "untyped";
      assertThat(given).as(value.group()).isEqualTo(types.get(value.group(1)));
    }
  }

  private String block(String language) {
    List<String> found =
        readme.blocks().stream()
            .filter(block -> block.language().equals(language))
            .map(Document.Block::code)
            .toList();
    assertThat(found).as(language).hasSize(1);
    return found.getFirst();
  }
}
