// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// What the calling thread may do with `MAP_JIT` memory; see [VirtMem#protectJitMemory].
public enum ProtectJitAccess {
  /// The thread may read and write it, but not execute it.
  READ_WRITE,
  /// The thread may read and execute it, but not write it.
  READ_EXECUTE
}
