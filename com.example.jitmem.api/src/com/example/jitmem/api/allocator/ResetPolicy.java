// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

/// How much memory a reset keeps.
public enum ResetPolicy {
  /// Keeps one block per pool for new spans, unless
  /// [JitAllocatorOption#IMMEDIATE_RELEASE] is set.
  SOFT,
  /// Returns all memory to the system.
  HARD
}
