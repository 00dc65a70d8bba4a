// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The mappings that the component holds, known from its log of them.
final class Mappings {
  private static final String LOG_PROPERTY = "com.example.jitmem.mapping.log";

  private Mappings() {}

  /// The addresses of the mappings.
  static List<String> held() throws IOException {
    Set<String> held = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of(System.getProperty(LOG_PROPERTY)))) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("+")) {
        held.add(words[1]);
      } else {
        held.remove(words[1]);
      }
    }
    return List.copyOf(held);
  }
}
