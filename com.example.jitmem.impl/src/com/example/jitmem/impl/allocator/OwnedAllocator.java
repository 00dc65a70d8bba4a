// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.impl.memory.CodeMemorySource;
import java.util.function.LongSupplier;

/// An allocator with a single view, which can end it.
public final class OwnedAllocator extends AllocatorView implements OwnedJitAllocator {
  /// Opens memory and commits nothing.
  ///
  /// @param source opens memory
  /// @param parameters the parameters of the allocator
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if no way of writing code fits the
  ///     parameters
  public OwnedAllocator(CodeMemorySource source, JitAllocatorParameters parameters) {
    this(source, parameters, PurgeThread.INSTANCE, System::nanoTime);
  }

  OwnedAllocator(
      CodeMemorySource source,
      JitAllocatorParameters parameters,
      PurgeTimer.Scheduler scheduler,
      LongSupplier clock) {
    super(new SharedAllocator(source, parameters, scheduler, clock), "its owner");
  }

  @Override
  public void close() {
    closeAll();
  }
}
