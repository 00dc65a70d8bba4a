// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import java.util.Set;
import java.util.stream.Stream;

/// The twelve configurations that AsmJit tests its allocator with.
final class Configurations {
  private Configurations() {}

  static Stream<JitAllocatorParameters> all() {
    JitAllocatorParameters none = JitAllocatorParameters.defaults().withOptions(Set.of());
    return Stream.of(
        none,
        none.withBlockByteSize(16L << 20),
        none.withGranuleByteSize(256),
        none.with(JitAllocatorOption.USE_MULTIPLE_POOLS),
        none.with(JitAllocatorOption.FILL_UNUSED_MEMORY),
        none.with(JitAllocatorOption.IMMEDIATE_RELEASE),
        none.with(JitAllocatorOption.DISABLE_INITIAL_PADDING),
        none.with(JitAllocatorOption.USE_LARGE_PAGES),
        none.with(JitAllocatorOption.USE_LARGE_PAGES, JitAllocatorOption.FILL_UNUSED_MEMORY),
        none.with(
            JitAllocatorOption.USE_LARGE_PAGES, JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE),
        none.with(JitAllocatorOption.USE_DUAL_MAPPING),
        none.with(JitAllocatorOption.USE_DUAL_MAPPING, JitAllocatorOption.FILL_UNUSED_MEMORY));
  }
}
