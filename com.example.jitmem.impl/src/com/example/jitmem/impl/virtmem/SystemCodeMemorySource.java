// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource;
import java.util.function.Supplier;

/// Memory for the allocator from the operating system.
///
/// A request for dual mapping is never answered with memory that is writable and executable at
/// once. Thread-safe; makes no native call before memory is opened.
public final class SystemCodeMemorySource implements CodeMemorySource {
  private final Supplier<WritingWays> ways;

  /// Memory of this process.
  public SystemCodeMemorySource() {
    this(WritingWays::ofProcess);
  }

  SystemCodeMemorySource(Supplier<WritingWays> ways) {
    this.ways = ways;
  }

  @Override
  public CodeMemory open(Request request) {
    if (request.direct() && request.dualMapping()) {
      throw new IllegalArgumentException("Memory cannot be both direct and dual-mapped");
    }
    WritingWays known = ways.get();
    WritingWays.Choice choice = choice(known, request);
    return new SystemCodeMemory(
        known.os(),
        choice.way(),
        choice.refused(),
        request.largePages(),
        refusal -> known.refused(choice.way(), refusal));
  }

  private static WritingWays.Choice choice(WritingWays ways, Request request) {
    if (request.dualMapping()) {
      return ways.separate();
    }
    return request.direct() ? ways.direct() : ways.any();
  }
}
