// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Large pages in the pool of the system, for the time of a test that may change it.
final class PagePool implements AutoCloseable {
  /// Documentation/admin-guide/sysctl/vm.rst.
  private static final Path SIZE = Path.of("/proc/sys/vm/nr_hugepages");

  private final long before;

  private PagePool(long before) {
    this.before = before;
  }

  /// Adds free pages to the pool.
  ///
  /// @return the pool; empty if this user may not change it or there is no memory for it, which is
  ///     printed
  static Optional<PagePool> withFree(int count) {
    try {
      long before = size();
      Files.writeString(SIZE, String.valueOf(before + count));
      PagePool pool = new PagePool(before);
      if (size() >= before + count) {
        return Optional.of(pool);
      }
      pool.close();
      System.out.println("Skipped: no memory for " + count + " more pages in vm.nr_hugepages");
    } catch (IOException e) {
      System.out.println("Skipped: vm.nr_hugepages cannot be changed: " + e);
    }
    return Optional.empty();
  }

  private static long size() throws IOException {
    return Long.parseLong(Files.readString(SIZE).trim());
  }

  @Override
  public void close() {
    try {
      Files.writeString(SIZE, String.valueOf(before));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
