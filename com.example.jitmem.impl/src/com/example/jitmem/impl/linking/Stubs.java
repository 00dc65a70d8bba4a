// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.example.jitmem.api.runtime.Architecture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Stubs: a jump to the address in the cell after it. They change no register that a call keeps or
/// uses for arguments.
final class Stubs {
  /// The size of a stub with its cell, which is aligned so that it is read and written at once.
  static final int BYTES = 16;

  /// Where the cell lies in a stub.
  static final int CELL_OFFSET = 8;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  /// `jmp [rip + 2]`, two bytes that trap.
  private static final long X86_64_JUMP = 0xCCCC_0000_0002_25FFL;

  /// `ldr x16, .+8`, `br x16`.
  private static final long AARCH64_JUMP = 0xD61F_0200_5800_0050L;

  private Stubs() {}

  /// Writes a stub.
  ///
  /// @param cell the address to jump to
  static void write(Architecture architecture, MemorySegment code, long offset, long cell) {
    code.set(LONG, offset, architecture == Architecture.AARCH64 ? AARCH64_JUMP : X86_64_JUMP);
    code.set(LONG, offset + CELL_OFFSET, cell);
  }
}
