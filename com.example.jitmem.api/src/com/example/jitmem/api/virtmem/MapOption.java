// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// How memory is mapped, in addition to its initial access.
///
/// An option that the running system does not have is either ignored or refused; each constant says
/// which. Later versions may add constants, so a `switch` over them needs a
/// `default`.
public enum MapOption {
  /// Maps with Apple's `MAP_JIT`, which the hardened runtime of macOS requires. Ignored elsewhere.
  MAP_JIT(0x10),
  /// The mapping may later be given [MemoryAccess#READ]. See [#MAX_ACCESS_EXECUTE].
  MAX_ACCESS_READ(0x20),
  /// The mapping may later be given [MemoryAccess#WRITE]. See [#MAX_ACCESS_EXECUTE].
  MAX_ACCESS_WRITE(0x40),
  /// The mapping may later be given [MemoryAccess#EXECUTE].
  ///
  /// FreeBSD (`PROT_MAX`) and NetBSD (`PROT_MPROTECT`) require the maximum access to be declared
  /// when memory is mapped. Other systems have no such limit and ignore the three options.
  MAX_ACCESS_EXECUTE(0x80),
  /// Children made by `fork` share the memory instead of getting a copy of it.
  SHARED(0x100),
  /// Maps with pages of [VirtMem#largePageSize()] bytes. Refused with
  /// [VirtMemException.Reason#NOT_SUPPORTED] where the system has none, and with the system's own
  /// error where none are free.
  LARGE_PAGES(0x200),
  /// A dual mapping is backed by a file in the directory for temporary files rather than by shared
  /// memory. Ignored by [VirtMem#alloc] and where dual mapping needs no file.
  PREFER_TMP(0x80000000);

  private final int bit;

  MapOption(int bit) {
    this.bit = bit;
  }

  /// The bit that AsmJit's `VirtMem::MemoryFlags` gives this option.
  ///
  /// @return a value with exactly one bit set; negative for the highest one
  public int bit() {
    return bit;
  }
}
