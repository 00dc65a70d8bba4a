// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static com.example.jitmem.api.allocator.JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.DISABLE_INITIAL_PADDING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_LARGE_PAGES;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The keys of a configuration.
final class AllocatorKeys {
  /// The keys that switch an option on or off, in the order of the options' bits.
  static final Map<String, JitAllocatorOption> OPTIONS = options();

  /// All keys. Others that begin with [JitMemConstants#KEY_PREFIX] are rejected.
  static final Set<String> ALL = all();

  private AllocatorKeys() {}

  private static Map<String, JitAllocatorOption> options() {
    Map<String, JitAllocatorOption> options = new LinkedHashMap<>();
    options.put(JitMemConstants.USE_DUAL_MAPPING, USE_DUAL_MAPPING);
    options.put(JitMemConstants.USE_MULTIPLE_POOLS, USE_MULTIPLE_POOLS);
    options.put(JitMemConstants.FILL_UNUSED_MEMORY, FILL_UNUSED_MEMORY);
    options.put(JitMemConstants.IMMEDIATE_RELEASE, IMMEDIATE_RELEASE);
    options.put(JitMemConstants.DISABLE_INITIAL_PADDING, DISABLE_INITIAL_PADDING);
    options.put(JitMemConstants.USE_LARGE_PAGES, USE_LARGE_PAGES);
    options.put(JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE, ALIGN_BLOCK_SIZE_TO_LARGE_PAGE);
    return Collections.unmodifiableMap(options);
  }

  private static Set<String> all() {
    Set<String> all = new LinkedHashSet<>();
    all.add(JitMemConstants.NAME);
    all.addAll(OPTIONS.keySet());
    all.add(JitMemConstants.FILL_PATTERN);
    all.add(JitMemConstants.BLOCK_SIZE);
    all.add(JitMemConstants.GRANULARITY);
    return Collections.unmodifiableSet(all);
  }
}
