// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// An instruction set. Later versions may add constants, so a `switch` over them needs a `default`.
public enum Architecture {
  /// The 64-bit instruction set of AMD and Intel, also called AMD64 and x64.
  X86_64,
  /// The 64-bit instruction set of Arm, also called ARM64.
  AARCH64
}
