// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every step of DESIGN's walks names a file and methods of it.
class WalkTest {
  private static final String IMPL = "com.example.jitmem.impl";
  private static final int WALKS = 4;

  /// Files, then methods, then perhaps two spaces and a remark.
  private static final Pattern STEP =
      Pattern.compile(
          "^[└ ]*((?:\\w+\\.java)(?: → \\w+\\.java)*)(?: +([a-z]\\w*(?:, [a-z]\\w*)*))?(?:  .*)?$");

  private static final Pattern FILE = Pattern.compile("(\\w+)\\.java");

  /// A method named in a remark.
  private static final Pattern REMARK =
      Pattern.compile("\\b([A-Z]\\w+)(?:\\.java's |\\.)(?!java\\b)([a-z]\\w+)");

  private final Map<String, Set<String>> methods = new TreeMap<>();

  WalkTest() throws IOException {
    for (Map.Entry<String, ClassModel> entry : ClassFiles.of(IMPL).entrySet()) {
      String file = ClassFiles.topLevel(entry.getKey());
      Set<String> names =
          methods.computeIfAbsent(file.substring(file.lastIndexOf('/') + 1), _ -> new TreeSet<>());
      entry.getValue().methods().forEach(method -> names.add(method.methodName().stringValue()));
    }
  }

  @Test
  void everyStepNamesAFileAndItsMethods() {
    List<String> wrong = new ArrayList<>();
    int steps = 0;
    for (String walk : walks()) {
      for (String line : walk.lines().toList()) {
        steps++;
        wrong.addAll(missing(line));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(steps).as("steps").isGreaterThan(30);
  }

  private static List<String> walks() {
    String design = Document.read(Path.of("DESIGN.md")).text();
    String section = design.substring(design.indexOf("## Four walks"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    List<String> walks =
        new Document(Path.of("DESIGN.md"), section)
            .blocks().stream().map(Document.Block::code).toList();
    assertThat(walks).hasSize(WALKS);
    return walks;
  }

  /// What a line names that does not exist.
  private List<String> missing(String line) {
    Matcher step = STEP.matcher(line);
    if (!step.matches()) {
      return List.of("not a step: " + line);
    }
    List<String> missing = new ArrayList<>();
    List<String> files = FILE.matcher(step.group(1)).results().map(file -> file.group(1)).toList();
    for (String file : files) {
      if (!methods.containsKey(file)) {
        missing.add(file + ".java");
      }
    }
    if (step.group(2) != null) {
      for (String method : step.group(2).split(", ", -1)) {
        addUnlessThere(files.getLast(), method, missing);
      }
    }
    REMARK
        .matcher(line)
        .results()
        .forEach(remark -> addUnlessThere(remark.group(1), remark.group(2), missing));
    return missing;
  }

  private void addUnlessThere(String type, String method, List<String> missing) {
    if (!methods.getOrDefault(type, Set.of()).contains(method)) {
      missing.add(type + "." + method);
    }
  }
}
