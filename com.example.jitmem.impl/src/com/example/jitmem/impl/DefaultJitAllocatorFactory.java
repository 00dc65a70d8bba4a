// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.virtmem.SystemCodeMemorySource;

/// The factory of allocators, for [java.util.ServiceLoader] and for the components.
public final class DefaultJitAllocatorFactory implements JitAllocatorFactory {
  private final CodeMemorySource source;

  /// A factory of allocators on the memory of this process.
  public DefaultJitAllocatorFactory() {
    this(new SystemCodeMemorySource());
  }

  /// A factory of allocators on any memory.
  ///
  /// @param source opens the memory of each allocator
  public DefaultJitAllocatorFactory(CodeMemorySource source) {
    this.source = source;
  }

  @Override
  public OwnedJitAllocator create(JitAllocatorParameters parameters) {
    return new OwnedAllocator(source, parameters);
  }
}
