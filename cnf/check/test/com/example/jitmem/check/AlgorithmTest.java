// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The documentation of the allocator's packages lists its algorithms by the names under which they
/// can be looked up, each with where to read about it and the class that has it.
class AlgorithmTest {
  private static final Path ALLOCATOR =
      Path.of("com.example.jitmem.impl/src/com/example/jitmem/impl/allocator");

  private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w+)`");
  private static final Pattern YEAR = Pattern.compile("\\b(?:19|20)\\d\\d\\b");

  @ParameterizedTest
  @CsvSource({
    ".,     seqlock",
    ".,     version counts against ABA",
    ".,     hazard pointers",
    "space, boundary tags",
    "space, segregated fits",
    "space, two-level segregated fit",
    "space, wilderness preservation",
    "space, deferred coalescing"
  })
  void anAlgorithmHasItsReferenceAndItsClass(Path folder, String algorithm) {
    Path source = Tree.ROOT.resolve(ALLOCATOR).resolve(folder);
    List<String> entries =
        entries(Tree.read(source.resolve("package-info.java"))).stream()
            .filter(entry -> entry.contains("*" + algorithm + "*"))
            .toList();
    assertThat(entries).as(algorithm).hasSize(1);
    assertThat(entries.getFirst()).containsPattern(YEAR);
    Matcher classes = CLASS.matcher(entries.getFirst());
    assertThat(classes.results().map(found -> found.group(1)))
        .isNotEmpty()
        .allMatch(name -> Files.exists(source.resolve(name + ".java")));
  }

  /// The entries of the list in a comment, each as one line.
  private static List<String> entries(String source) {
    String text = source.replaceAll("(?m)^/// ?", "").replaceAll("\n {2}", " ");
    return text.lines().filter(line -> line.startsWith("- ")).toList();
  }
}
