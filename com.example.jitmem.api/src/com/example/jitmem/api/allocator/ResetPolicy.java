// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

/// How much memory a reset keeps.
public enum ResetPolicy {
  /// Keeps one block per pool for the spans to come, unless
  /// [JitAllocatorOption#IMMEDIATE_RELEASE] is set.
  SOFT,
  /// Gives all memory back to the system.
  HARD
}
