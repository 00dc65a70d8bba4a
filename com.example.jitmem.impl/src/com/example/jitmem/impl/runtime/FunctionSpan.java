// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import com.example.jitmem.api.allocator.Span;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The span of a function that ends when the function is closed.
record FunctionSpan(Span span) implements Span {
  @Override
  public MemorySegment rx() {
    return span.rx();
  }

  @Override
  public long byteSize() {
    return span.byteSize();
  }

  @Override
  public Optional<String> name() {
    return span.name();
  }

  @Override
  public boolean isLive() {
    return span.isLive();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException(
        "The span belongs to a function: close the function to end it");
  }
}
