// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// The object files that compilers wrote, in the folder `objects`.
public final class CompiledObjects {
  private CompiledObjects() {}

  /// A file below the folder.
  static Path path(String name) {
    try {
      URL url =
          Objects.requireNonNull(CompiledObjects.class.getResource("objects/README.md"), name);
      return Path.of(url.toURI()).resolveSibling(name);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The bytes of a file below the folder.
  public static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The names of all object files of an instruction set, with its folder.
  static List<String> names(String folder) {
    try (Stream<Path> files = Files.list(path(folder))) {
      return files
          .map(file -> folder + "/" + file.getFileName())
          .filter(name -> name.endsWith(".o"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Those that can be loaded.
  public static List<String> loadable(String folder) {
    return names(folder).stream()
        .filter(name -> !name.contains("tls") && !name.contains("lto"))
        .toList();
  }
}
