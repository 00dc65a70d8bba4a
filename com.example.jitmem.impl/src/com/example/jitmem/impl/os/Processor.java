// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/// A kind of processor, as far as memory for its code is concerned.
public enum Processor {
  /// x86 in 64-bit mode. Traps by `int3`. Instruction fetches are coherent with stores, Intel SDM
  /// volume 3, "Self-Modifying Code", and AMD APM volume 2, "Cross-Modifying Code".
  X86_64("x86-64", 0xCCCCCCCC, true) {
    @Override
    public byte[] returning(int value) {
      return code(6)
          .put((byte) 0xB8) // mov eax, imm32
          .putInt(value)
          .put((byte) 0xC3) // ret
          .array();
    }
  },

  /// The 64-bit instruction set of Arm.
  ///
  /// Traps by `udf #0`, whose encoding of all zeros is permanently undefined (Arm ARM, DDI 0487,
  /// C6.2, UDF): Linux sends SIGILL. It is taken before `brk` because memory that was never written
  /// or was given back reads as zero, so that it traps as well; because debuggers take `brk` for a
  /// breakpoint of their own; and because AsmJit fills with zero too.
  ///
  /// Instruction fetches do not see stores before the caches are maintained (DDI 0487, "Concurrent
  /// modification and execution of instructions").
  AARCH64("AArch64", 0x00000000, false) {
    @Override
    public byte[] returning(int value) {
      return code(12)
          .putInt(0x52800000 | (value & 0xFFFF) << 5) // movz w0, #low
          .putInt(0x72A00000 | (value >>> 16) << 5) // movk w0, #high, lsl #16
          .putInt(0xD65F03C0) // ret
          .array();
    }
  };

  private final String displayName;
  private final int trapPattern;
  private final boolean coherentFetch;

  Processor(String displayName, int trapPattern, boolean coherentFetch) {
    this.displayName = displayName;
    this.trapPattern = trapPattern;
    this.coherentFetch = coherentFetch;
  }

  /// The processor by the name the JVM has for it.
  ///
  /// @param architecture the value of the system property `os.arch`
  /// @return the processor; empty if it is none of these
  public static Optional<Processor> ofArchitecture(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }

  /// The name for people.
  ///
  /// @return the name
  public String displayName() {
    return displayName;
  }

  /// An instruction that traps, repeated to 32 bits.
  ///
  /// @return the pattern, whose lowest byte is stored first
  public int trapPattern() {
    return trapPattern;
  }

  /// Whether instructions are fetched as they were stored last, by every processor and through any
  /// mapping, without anything being flushed.
  ///
  /// @return whether there is nothing to flush
  public boolean hasCoherentFetch() {
    return coherentFetch;
  }

  /// The code of a C function `int f(void)` that returns a constant.
  ///
  /// @param value the constant
  /// @return a new array
  public abstract byte[] returning(int value);

  private static ByteBuffer code(int byteSize) {
    return ByteBuffer.allocate(byteSize).order(ByteOrder.LITTLE_ENDIAN);
  }
}
