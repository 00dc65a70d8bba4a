// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What the figures were measured on.
final class Machine {
  private static final double KIB_PER_GIB = 1024 * 1024;

  private Machine() {}

  static String describe() throws IOException {
    double kibibytes = Double.parseDouble(field("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.0f GiB, %s %s, %s%n",
        field("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        kibibytes / KIB_PER_GIB,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        field("/etc/os-release", "PRETTY_NAME").replace("\"", ""));
  }

  /// A package of Debian and its version; empty where there is no such package or no Debian.
  static String debianVersion(String name) {
    try {
      Process process =
          new ProcessBuilder("dpkg-query", "-W", "-f=${Package} ${Version}", name)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static String field(String file, String key) throws IOException {
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      return "?";
    }
    return Files.readAllLines(path).stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> line.substring(key.length()).replaceFirst("^\\s*[:=]\\s*", ""))
        .orElse("?");
  }
}
