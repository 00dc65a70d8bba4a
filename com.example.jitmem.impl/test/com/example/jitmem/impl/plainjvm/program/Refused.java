// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.plainjvm.program;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ServiceLoader;

/// Asks for an allocator and for the page size, each twice, and prints on a line of its own why
/// each was refused. Ends with status 0 if each was.
public final class Refused {
  private Refused() {}

  /// Runs.
  ///
  /// @param arguments none
  public static void main(String[] arguments) {
    for (int attempt = 0; attempt < 2; attempt++) {
      printRefusal(
          () -> ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create());
      printRefusal(() -> ServiceLoader.load(VirtMem.class).findFirst().orElseThrow().info());
    }
  }

  private static void printRefusal(Runnable request) {
    try {
      request.run();
    } catch (VirtMemException refusal) {
      System.out.println(refusal.reason() + " " + refusal.getMessage());
      return;
    }
    throw new AssertionError("Nothing was refused");
  }
}
