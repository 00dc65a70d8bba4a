// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/// Small functions for the running processor: x86-64 with the System V calling convention, or
/// AArch64 with AAPCS64.
final class MachineCode {
  static final FunctionDescriptor INT_CONSTANT = FunctionDescriptor.of(JAVA_INT);
  static final FunctionDescriptor INT_BINARY = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
  static final FunctionDescriptor LONG_CONSTANT = FunctionDescriptor.of(JAVA_LONG);
  static final FunctionDescriptor LONG_OF_INTS =
      FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG);
  static final FunctionDescriptor INT_OF_FLAGS = FunctionDescriptor.of(JAVA_INT, ADDRESS);

  private MachineCode() {}

  private static boolean isAarch64() {
    return System.getProperty("os.arch").equals("aarch64");
  }

  /// Returns a constant from 0 to 65535.
  static byte[] constant(int value) {
    return isAarch64()
        // movz w0, #value; ret
        ? bytes("%08X D65F03C0".formatted(0x52800000 | value << 5))
        // mov eax, value; ret
        : bytes("B8 %08X C3".formatted(value));
  }

  /// Adds two numbers.
  static byte[] add() {
    return isAarch64()
        // add w0, w0, w1; ret
        ? bytes("0B010000 D65F03C0")
        // lea eax, [rdi + rsi]; ret
        : bytes("8D 04 37 C3");
  }

  /// Returns the address of its own first byte.
  static byte[] ownAddress() {
    return isAarch64()
        // adr x0, .; ret
        ? bytes("10000000 D65F03C0")
        // lea rax, [rip - 7]; ret
        : bytes("48 8D 05 F9 FF FF FF C3");
  }

  /// Returns a 64-bit number.
  static byte[] longConstant(long value) {
    String format =
        isAarch64()
            // ldr x0, value; ret; value: .quad
            ? "58000040 D65F03C0 %08X %08X"
            // mov rax, value; ret
            : "48 B8 %08X %08X C3";
    return bytes(format.formatted((int) value, (int) (value >>> Integer.SIZE)));
  }

  /// Adds up 32-bit numbers.
  ///
  /// ```
  ///       xor eax, eax              |       mov x2, xzr
  ///       test rsi, rsi             |       b test
  ///       jle done                  | next: ldrsw x3, [x0], #4
  /// next: movsxd rdx, dword [rdi]   |       add x2, x2, x3
  ///       add rax, rdx              |       sub x1, x1, #1
  ///       add rdi, 4                | test: cmp x1, #0
  ///       dec rsi                   |       b.gt next
  ///       jnz next                  |       mov x0, x2
  /// done: ret                       |       ret
  /// ```
  static byte[] sumOfInts() {
    return isAarch64()
        ? bytes("AA1F03E2 14000004 B8804403 8B030042 D1000421 F100003F 54FFFF8C AA0203E0 D65F03C0")
        : bytes("31 C0 48 85 F6 7E 0F 48 63 17 48 01 D0 48 83 C7 04 48 FF CE 75 F1 C3");
  }

  /// Says that it has begun and waits until it is told to return 7, by two 32-bit flags: the first
  /// one is the order, the second one the report.
  ///
  /// ```
  ///       mov dword [rdi + 4], 1    |       mov w2, #1
  /// wait: pause                     |       str w2, [x0, #4]
  ///       cmp dword [rdi], 0        | wait: yield
  ///       je wait                   |       ldr w1, [x0]
  ///       mov eax, 7                |       cbz w1, wait
  ///       ret                       |       mov w0, #7
  ///                                 |       ret
  /// ```
  static byte[] waitForOrder() {
    return isAarch64()
        ? bytes("52800022 B9000402 D503203F B9400001 34FFFFC1 528000E0 D65F03C0")
        : bytes("C7 47 04 01 00 00 00 F3 90 83 3F 00 74 F9 B8 07 00 00 00 C3");
  }

  /// Groups of two digits are bytes, groups of eight are words that are stored lowest byte first.
  private static byte[] bytes(String hex) {
    ByteBuffer code = ByteBuffer.allocate(hex.length()).order(ByteOrder.LITTLE_ENDIAN);
    for (String group : hex.split(" ", -1)) {
      if (group.length() == 2) {
        code.put((byte) HexFormat.fromHexDigits(group));
      } else {
        code.putInt(HexFormat.fromHexDigits(group));
      }
    }
    return Arrays.copyOf(code.array(), code.position());
  }
}
