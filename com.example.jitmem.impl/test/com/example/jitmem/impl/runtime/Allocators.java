// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.impl.allocator.ViewDelegate;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/// Allocators for tests.
final class Allocators {
  private Allocators() {}

  /// A new allocator on the memory of this system.
  static OwnedAllocator real() {
    return (OwnedAllocator) new DefaultJitAllocatorFactory().create();
  }

  /// An allocator that passes everything on but calls of one method, which fail.
  static JitAllocator failing(AllocatorView allocator, String method, RuntimeException failure) {
    return (JitAllocator)
        Proxy.newProxyInstance(
            JitAllocator.class.getClassLoader(),
            new Class<?>[] {JitAllocator.class, ViewDelegate.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                throw failure;
              }
              if (called.getDeclaringClass() == ViewDelegate.class) {
                return allocator;
              }
              try {
                return called.invoke(allocator, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
