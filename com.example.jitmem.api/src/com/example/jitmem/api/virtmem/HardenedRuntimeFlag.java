// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// A property of the process that affects how code can be written.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum HardenedRuntimeFlag {
  /// Memory that is writable and executable at once is refused, for a reason other than lack of
  /// memory.
  ENABLED(0x1),
  /// Apple's `MAP_JIT` is available.
  MAP_JIT(0x2),
  /// The same memory can be mapped twice, see [VirtMem#allocDualMapping].
  DUAL_MAPPING(0x4);

  private final int bit;

  HardenedRuntimeFlag(int bit) {
    this.bit = bit;
  }

  /// The bit that AsmJit's `VirtMem::HardenedRuntimeFlags` gives this flag.
  ///
  /// @return a power of two
  public int bit() {
    return bit;
  }
}
