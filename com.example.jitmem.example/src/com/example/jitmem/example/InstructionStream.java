// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import jnr.x86asm.Asm;
import jnr.x86asm.Assembler;

/// Encoded instructions, as many as one likes. The buffer of an [Assembler] of jnr-x86asm 1.0.2
/// holds 128 bytes and never grows, so the code is collected from several of them.
final class InstructionStream {
  private static final int BUFFER_SIZE = 128;

  /// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, section 2.3.11.
  private static final int MAX_INSTRUCTION_SIZE = 15;

  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private Assembler piece = new Assembler(Asm.X86_64);

  /// Takes one instruction.
  ///
  /// @return an assembler with room for one
  Assembler next() {
    if (piece.offset() > BUFFER_SIZE - MAX_INSTRUCTION_SIZE) {
      collect();
    }
    return piece;
  }

  byte[] toByteArray() {
    collect();
    return collected.toByteArray();
  }

  private void collect() {
    ByteBuffer bytes = ByteBuffer.allocate(piece.codeSize());
    piece.relocCode(bytes, 0);
    collected.writeBytes(bytes.array());
    piece = new Assembler(Asm.X86_64);
  }
}
