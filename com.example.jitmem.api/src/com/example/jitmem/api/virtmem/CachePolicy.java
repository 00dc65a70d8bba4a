// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// Whether the instruction cache is flushed after code was written.
///
/// x86 processors keep it coherent by themselves and nothing is ever flushed there; on AArch64 code
/// that was not flushed may run in its old form.
public enum CachePolicy {
  /// The allocator decides: it flushes what was written where the processor needs that.
  DEFAULT,
  /// Always flush what was written.
  FLUSH_AFTER_WRITE,
  /// Never flush: the caller does it with [VirtMem#flushInstructionCache] before the code runs.
  NEVER_FLUSH
}
