// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// How a page of memory may be accessed. An empty set means that the page is reserved and any
/// access crashes the JVM.
///
/// On every supported system [#WRITE] and [#EXECUTE] include reading.
public enum MemoryAccess {
  /// The page may be read.
  READ(0x1),
  /// The page may be written.
  WRITE(0x2),
  /// The page may be executed.
  EXECUTE(0x4);

  /// No access at all: address space is reserved and nothing more.
  public static final Set<MemoryAccess> NONE =
      Collections.unmodifiableSet(EnumSet.noneOf(MemoryAccess.class));

  /// [#READ] and [#WRITE]: data, or code that is being written.
  public static final Set<MemoryAccess> RW = Collections.unmodifiableSet(EnumSet.of(READ, WRITE));

  /// [#READ] and [#EXECUTE]: code that cannot be changed through this mapping.
  public static final Set<MemoryAccess> RX = Collections.unmodifiableSet(EnumSet.of(READ, EXECUTE));

  /// All three: code that can be changed and executed at the same time, which hardened systems
  /// refuse.
  public static final Set<MemoryAccess> RWX =
      Collections.unmodifiableSet(EnumSet.allOf(MemoryAccess.class));

  private final int bit;

  MemoryAccess(int bit) {
    this.bit = bit;
  }

  /// The bit that AsmJit's `VirtMem::MemoryFlags` gives this access.
  ///
  /// @return a power of two
  public int bit() {
    return bit;
  }
}
