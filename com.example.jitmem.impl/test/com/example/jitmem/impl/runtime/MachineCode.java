// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.util.HexFormat;

/// Small functions for x86-64 and the System V calling convention.
final class MachineCode {
  static final FunctionDescriptor INT_CONSTANT = FunctionDescriptor.of(JAVA_INT);
  static final FunctionDescriptor INT_BINARY = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
  static final FunctionDescriptor LONG_CONSTANT = FunctionDescriptor.of(JAVA_LONG);
  static final FunctionDescriptor LONG_OF_INTS =
      FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG);
  static final FunctionDescriptor INT_OF_FLAGS = FunctionDescriptor.of(JAVA_INT, ADDRESS);

  private MachineCode() {}

  /// `mov eax, value; ret`
  static byte[] constant(int value) {
    return bytes("B8 %s C3".formatted(littleEndian(value)));
  }

  /// `lea eax, [rdi + rsi]; ret`
  static byte[] add() {
    return bytes("8D 04 37 C3");
  }

  /// `lea rax, [rip - 7]; ret`: the address of its own first byte.
  static byte[] ownAddress() {
    return bytes("48 8D 05 F9 FF FF FF C3");
  }

  /// Adds up 32-bit numbers.
  ///
  /// ```
  ///       xor eax, eax
  ///       test rsi, rsi
  ///       jle done
  /// next: movsxd rdx, dword [rdi]
  ///       add rax, rdx
  ///       add rdi, 4
  ///       dec rsi
  ///       jnz next
  /// done: ret
  /// ```
  static byte[] sumOfInts() {
    return bytes("31 C0 48 85 F6 7E 0F 48 63 17 48 01 D0 48 83 C7 04 48 FF CE 75 F1 C3");
  }

  /// Says that it has begun and waits until it is told to return 7, by two 32-bit flags: the first
  /// one is the order, the second one the report.
  ///
  /// ```
  ///       mov dword [rdi + 4], 1
  /// wait: pause
  ///       cmp dword [rdi], 0
  ///       je wait
  ///       mov eax, 7
  ///       ret
  /// ```
  static byte[] waitForOrder() {
    return bytes("C7 47 04 01 00 00 00 F3 90 83 3F 00 74 F9 B8 07 00 00 00 C3");
  }

  private static String littleEndian(int value) {
    return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
