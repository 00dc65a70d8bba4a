// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// Whether the instruction cache is flushed after code was written.
///
/// x86 processors keep it coherent, and nothing is ever flushed there; on AArch64 code that was not
/// flushed may run in its old form.
public enum CachePolicy {
  /// The allocator decides: it flushes if the processor needs it.
  DEFAULT,
  /// Always flush.
  FLUSH_AFTER_WRITE,
  /// Never flush: the caller has to call [VirtMem#flushInstructionCache] before the code runs.
  NEVER_FLUSH
}
