// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The descriptors that were opened, asked of the kernel in `/proc/self/fd`. Not thread-safe.
final class Descriptors {
  /// What each stood for when it was opened. A number may be given again to something else.
  private final Map<Long, String> opened = new TreeMap<>();

  void opened(long descriptor) {
    target(descriptor).ifPresent(target -> opened.put(descriptor, target));
  }

  /// Those that still stand for what they stood for. The others are forgotten.
  Map<Long, String> stillOpen() {
    opened.entrySet().removeIf(one -> !target(one.getKey()).equals(Optional.of(one.getValue())));
    return new TreeMap<>(opened);
  }

  void forget() {
    opened.clear();
  }

  private static Optional<String> target(long descriptor) {
    try {
      Path link = Path.of("/proc/self/fd", Long.toString(descriptor));
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (IOException closed) {
      return Optional.empty();
    }
  }
}
