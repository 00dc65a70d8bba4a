// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import java.util.ServiceLoader;

/// The implementation, without a framework.
final class PlainJvm {
  private PlainJvm() {}

  static OwnedJitAllocator allocator() {
    return ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow().create();
  }

  static JitRuntime runtime(JitAllocator allocator) {
    return ServiceLoader.load(JitRuntimeFactory.class).findFirst().orElseThrow().create(allocator);
  }
}
