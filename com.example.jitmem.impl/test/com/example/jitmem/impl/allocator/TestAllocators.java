// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.memory.CodeMemorySource;

/// Allocators that decommit empty memory only when statistics are requested, and not
/// while a test counts calls.
public final class TestAllocators {
  private TestAllocators() {}

  /// An allocator with one view.
  public static OwnedAllocator owned(CodeMemorySource source, JitAllocatorParameters parameters) {
    return new OwnedAllocator(source, parameters, task -> {}, System::nanoTime);
  }

  /// An allocator without a view.
  public static SharedAllocator shared(CodeMemorySource source, JitAllocatorParameters parameters) {
    return new SharedAllocator(source, parameters, task -> {}, System::nanoTime);
  }
}
