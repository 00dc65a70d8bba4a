// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// The self-check of allocators, for tests of other packages.
public final class SelfChecks {
  private SelfChecks() {}

  /// Verifies an allocator between two operations.
  ///
  /// @throws IllegalStateException naming the first thing that is wrong
  public static void of(AllocatorView allocator) {
    SelfCheck.of(allocator.core());
  }

  /// Verifies an allocator between two operations.
  ///
  /// @throws IllegalStateException naming the first thing that is wrong
  public static void of(SharedAllocator allocator) {
    SelfCheck.of(allocator.core());
  }
}
