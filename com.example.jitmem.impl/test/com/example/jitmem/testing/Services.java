// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import java.util.ServiceLoader;
import java.util.Set;

/// The component's services, found as on a plain JVM.
public final class Services {
  private Services() {}

  /// The factory of allocators.
  public static JitAllocatorFactory allocatorFactory() {
    return only(JitAllocatorFactory.class);
  }

  /// The factory of runtimes.
  public static JitRuntimeFactory runtimeFactory() {
    return only(JitRuntimeFactory.class);
  }

  /// Pages of memory.
  public static VirtMem virtMem() {
    return only(VirtMem.class);
  }

  /// An allocator with exactly these options.
  public static OwnedJitAllocator allocator(JitAllocatorOption... options) {
    return allocatorFactory().create(parameters(options));
  }

  /// A runtime on an allocator.
  public static JitRuntime runtime(JitAllocator allocator) {
    return runtimeFactory().create(allocator);
  }

  /// Parameters with exactly these options; dual mapping is not among them by itself.
  public static JitAllocatorParameters parameters(JitAllocatorOption... options) {
    return JitAllocatorParameters.defaults().withOptions(Set.of(options));
  }

  private static <T> T only(Class<T> type) {
    return ServiceLoader.load(type).findFirst().orElseThrow();
  }
}
