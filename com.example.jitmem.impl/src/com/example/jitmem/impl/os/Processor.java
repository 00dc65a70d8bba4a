// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

/// A kind of processor, as far as memory for its code is concerned.
public enum Processor {
  /// x86 in 64-bit mode.
  X86_64("x86-64", 0xCCCCCCCC) {
    @Override
    public byte[] returning(int value) {
      return new byte[] {
        (byte) 0xB8, // mov eax, imm32
        (byte) value,
        (byte) (value >> 8),
        (byte) (value >> 16),
        (byte) (value >> 24),
        (byte) 0xC3 // ret
      };
    }
  };

  private final String displayName;
  private final int trapPattern;

  Processor(String displayName, int trapPattern) {
    this.displayName = displayName;
    this.trapPattern = trapPattern;
  }

  /// The name for people.
  ///
  /// @return the name
  public String displayName() {
    return displayName;
  }

  /// An instruction that traps, repeated to 32 bits: `int3` on x86.
  ///
  /// @return the pattern, whose lowest byte is stored first
  public int trapPattern() {
    return trapPattern;
  }

  /// The code of a C function `int f(void)` that returns a constant.
  ///
  /// @param value the constant
  /// @return a new array
  public abstract byte[] returning(int value);
}
