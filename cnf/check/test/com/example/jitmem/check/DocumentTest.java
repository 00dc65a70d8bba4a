// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Documents name only files, headings and classes that exist, prose says who acts, and DESIGN is
/// short.
class DocumentTest {
  /// A file or folder below another one, or a file with an ending that the tree has.
  private static final Pattern PATH =
      Pattern.compile(
          "[\\w.-]+(?:/[\\w.-]+)+/?|[\\w.-]+\\.(?:java|md|xml|txt|csv|svg|cpp|bnd|bndrun|mvn)");

  private static final Pattern CLASS = Pattern.compile("(?:[A-Z][a-z0-9]+){2,}");

  /// Within names of methods too.
  private static final Pattern VAGUE =
      Pattern.compile("who(?:ever)|no(?:body)|some(?:body)", Pattern.CASE_INSENSITIVE);

  private static final int MOST_WORDS_OF_DESIGN = 2_500;

  /// Where the classes of the JDK are that documents name.
  private static final List<String> JDK =
      List.of(
          "java.lang.",
          "java.lang.foreign.",
          "java.lang.invoke.",
          "java.util.",
          "java.util.concurrent.locks.");

  /// Files that users have.
  private static final Set<String> OF_USERS =
      Set.of("OSGI-INF/configurator/", "configuration/config.ini");

  /// Names that look like classes: a line of `/proc/self/status`.
  private static final Set<String> OTHER_NAMES = Set.of("RssShmem");

  private final Set<String> tree = new HashSet<>();
  private final Set<String> classes = new HashSet<>();

  DocumentTest() throws IOException {
    for (Path file : Tree.sources(path -> true)) {
      for (int i = 0; i < file.getNameCount(); i++) {
        for (int end = i + 1; end <= file.getNameCount(); end++) {
          tree.add(file.subpath(i, end).toString());
        }
      }
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(".java")) {
        classes.add(name.substring(0, name.length() - ".java".length()));
      }
    }
  }

  @Test
  void linksLeadToFilesAndHeadings() throws IOException {
    List<String> dead = new ArrayList<>();
    int count = 0;
    for (Document document : Document.all()) {
      for (String link : document.links()) {
        if (!link.contains(":")) {
          count++;
          if (!resolves(document, link)) {
            dead.add(document.file() + ": " + link);
          }
        }
      }
    }
    assertThat(dead).isEmpty();
    assertThat(count).as("links").isGreaterThan(20);
  }

  @Test
  void filesInCodeFontExist() throws IOException {
    List<String> missing = new ArrayList<>();
    int count = 0;
    for (Document document : Document.all()) {
      List<String> names = new ArrayList<>(document.codeSpans());
      names.removeIf(name -> !PATH.matcher(name).matches() || OF_USERS.contains(name));
      names.removeIf(name -> name.startsWith("target/") || name.contains("/target/"));
      names.addAll(document.javaFiles());
      count += names.size();
      names.removeIf(name -> tree.contains(name.replaceFirst("/$", "")));
      names.forEach(name -> missing.add(document.file() + ": " + name));
    }
    assertThat(missing).isEmpty();
    assertThat(count).as("names of files").isGreaterThan(20);
  }

  @Test
  void classesInCodeFontExist() throws IOException {
    List<String> missing = new ArrayList<>();
    int count = 0;
    for (Document document : Document.all()) {
      for (String name : document.codeSpans()) {
        if (CLASS.matcher(name).matches()) {
          count++;
          if (!isClass(name)) {
            missing.add(document.file() + ": " + name);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(count).as("names of classes").isGreaterThan(20);
  }

  @Test
  void proseSaysWhoActs() throws IOException {
    List<String> vague = new ArrayList<>();
    for (Path file : Tree.sources(DocumentTest::isProse)) {
      Tree.read(Tree.ROOT.resolve(file))
          .lines()
          .filter(line -> VAGUE.matcher(line).find())
          .forEach(line -> vague.add(file + ": " + line.strip()));
    }
    assertThat(vague).isEmpty();
  }

  @Test
  void designIsShort() {
    String design = Document.read(Path.of("DESIGN.md")).text().strip();
    assertThat(design.split("\\s+", -1)).hasSizeLessThanOrEqualTo(MOST_WORDS_OF_DESIGN);
  }

  private static boolean isProse(Path file) {
    String name = file.toString();
    return name.matches(".*\\.(?:md|java|bnd|bndrun|xml|yml|h|cpp)");
  }

  private boolean isClass(String name) {
    return classes.contains(name)
        || OTHER_NAMES.contains(name)
        || JDK.stream().anyMatch(folder -> isJdkClass(folder + name));
  }

  private static boolean isJdkClass(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean resolves(Document document, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target =
        file.isEmpty()
            ? document.file()
            : Tree.ROOT.relativize(
                Tree.ROOT.resolve(document.file()).resolveSibling(file).normalize());
    return Files.exists(Tree.ROOT.resolve(target))
        && (hash < 0 || Document.read(target).anchors().contains(link.substring(hash + 1)));
  }
}
