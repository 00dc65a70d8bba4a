// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A Markdown file of the tree.
///
/// @param file its path from the root
/// @param text what is in it
record Document(Path file, String text) {
  private static final Pattern FENCED =
      Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern CODE_SPAN = Pattern.compile("`([^`\\n]+)`");

  /// A fenced block.
  ///
  /// @param language what stands behind the fence, empty for plain text
  /// @param code its lines
  record Block(String language, String code) {}

  /// Every Markdown file.
  static List<Document> all() throws IOException {
    return Tree.sources(path -> String.valueOf(path).endsWith(".md")).stream()
        .map(Document::read)
        .toList();
  }

  static Document read(Path file) {
    return new Document(file, Tree.read(Tree.ROOT.resolve(file)));
  }

  List<Block> blocks() {
    return FENCED
        .matcher(text)
        .results()
        .map(found -> new Block(found.group(1), found.group(2)))
        .toList();
  }

  /// The targets of its links and pictures.
  List<String> links() {
    return LINK.matcher(prose()).results().map(found -> found.group(1)).toList();
  }

  /// What is set in code font within the prose.
  List<String> codeSpans() {
    return CODE_SPAN.matcher(prose()).results().map(found -> found.group(1)).toList();
  }

  /// The anchors of its headings, as hosts of Git repositories make them.
  Set<String> anchors() {
    Set<String> anchors = new TreeSet<>();
    for (MatchResult heading : HEADING.matcher(prose()).results().toList()) {
      anchors.add(
          heading
              .group(1)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-'));
    }
    return anchors;
  }

  /// The names of Java files in it, in figures too.
  List<String> javaFiles() {
    List<String> names = new ArrayList<>();
    Matcher matcher = Pattern.compile("(?<![\\w-])[A-Z]\\w*\\.java\\b").matcher(text);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  private String prose() {
    return FENCED.matcher(text).replaceAll("");
  }
}
