// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/// The folder the build was started in, and what is where in it.
final class Tree {
  /// The projects that become bundles.
  static final List<String> BUNDLES =
      List.of(
          "com.example.jitmem.api",
          "com.example.jitmem.impl",
          "com.example.jitmem.elf",
          "com.example.jitmem.test",
          "com.example.jitmem.example");

  static final Path ROOT = Path.of(property("jitmem.workspace"));

  /// The version as Maven spells it.
  static final String VERSION = property("jitmem.version");

  /// Folders that hold what tools make of the sources.
  private static final Set<String> MADE = Set.of(".git", "target", "cache", "generated", ".idea");

  private Tree() {}

  /// The jar that Maven has built.
  static Path mavenJar(String bundle) {
    return ROOT.resolve(bundle).resolve("target").resolve(bundle + "-" + VERSION + ".jar");
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Files below the root that are wanted, as paths from the root; nothing that was built.
  static List<Path> sources(Predicate<Path> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return MADE.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            Path path = ROOT.relativize(file);
            if (wanted.test(path)) {
              found.add(path);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
