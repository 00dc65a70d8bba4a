// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import com.example.jitmem.api.runtime.Architecture;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The shortest code that shows what it was meant to do.
final class NativeCode {
  /// `int f(void)`.
  static final FunctionDescriptor CONSTANT = FunctionDescriptor.of(ValueLayout.JAVA_INT);

  /// `int f(int *)`.
  static final FunctionDescriptor WAITING =
      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

  /// What a waiting function returns.
  static final int WAITED = 7;

  private NativeCode() {}

  /// A function that returns a constant.
  static byte[] returning(Architecture architecture, int constant) {
    byte[] bytes = new byte[8];
    ByteBuffer code = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (architecture) {
      // mov eax, constant; ret
      case X86_64 -> code.put((byte) 0xB8).putInt(constant).put((byte) 0xC3);
      // movz w0, #constant; ret
      case AARCH64 -> code.putInt(0x52800000 | (constant << 5)).putInt(0xD65F03C0);
      default -> throw new AssertionError(architecture);
    }
    return bytes;
  }

  /// A function that runs until the number at an address is not 0.
  static byte[] waiting(Architecture architecture) {
    byte[] bytes = new byte[16];
    ByteBuffer code = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (architecture) {
      // cmp dword [rdi], 0; je -5; mov eax, 7; ret
      case X86_64 ->
          code.putInt(0x74003F83).put((byte) 0xFB).put((byte) 0xB8).putInt(WAITED).put((byte) 0xC3);
      // ldr w1, [x0]; cbz w1, -4; movz w0, #7; ret
      case AARCH64 ->
          code.putInt(0xB9400001)
              .putInt(0x34FFFFE1)
              .putInt(0x52800000 | (WAITED << 5))
              .putInt(0xD65F03C0);
      default -> throw new AssertionError(architecture);
    }
    return bytes;
  }
}
