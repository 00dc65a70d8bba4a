// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/// Small functions in machine code of the running processor, for the System V calling convention on
/// x86-64 and for AAPCS64.
final class MachineCode {
  /// `int32_t f(void)`
  static final FunctionDescriptor CONSTANT_TYPE = FunctionDescriptor.of(JAVA_INT);

  /// `int32_t f(int32_t, int32_t)`
  static final FunctionDescriptor SUM_TYPE = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);

  /// `int32_t f(int32_t[2])`
  static final FunctionDescriptor WAIT_TYPE = FunctionDescriptor.of(JAVA_INT, ADDRESS);

  /// The instruction set.
  static final Architecture ARCHITECTURE = isAarch64() ? Architecture.AARCH64 : Architecture.X86_64;

  /// The instruction that traps, repeated to 32 bits.
  static final int TRAP = isAarch64() ? 0x00000000 : 0xCCCCCCCC;

  /// Where the constant of [#constant(int)] begins. Divisible by 4, so that a processor that
  /// executes the function while the constant is replaced sees the old or the new one.
  static final long CONSTANT_OFFSET = isAarch64() ? 8 : 4;

  private MachineCode() {}

  private static boolean isAarch64() {
    return System.getProperty("os.arch").equals("aarch64");
  }

  /// A function that returns a constant. On AArch64 that is data behind the code: instructions may
  /// not be replaced while they are executed there.
  static byte[] constant(int value) {
    return isAarch64()
        // ldr w0, value; ret; value: .word
        ? bytes("18000040 D65F03C0 %08X".formatted(value))
        // nop; nop; nop; mov eax, value; ret
        : bytes("90 90 90 B8 %08X C3".formatted(value));
  }

  /// A function that returns the sum of its arguments.
  static byte[] sum() {
    return isAarch64()
        // add w0, w0, w1; ret
        ? bytes("0B010000 D65F03C0")
        // lea eax, [rdi + rsi]; ret
        : bytes("8D 04 37 C3");
  }

  /// A function of two numbers given by their address: it sets the second one to 1, spins until the
  /// first one is not zero, and returns it.
  static byte[] waitForNonZero() {
    return isAarch64()
        // mov w2, #1; str w2, [x0, #4]; again: ldr w1, [x0]; cbz w1, again; mov w0, w1; ret
        ? bytes("52800022 B9000402 B9400001 34FFFFE1 2A0103E0 D65F03C0")
        // mov dword [rdi + 4], 1; again: mov eax, [rdi]; test eax, eax; jz again; ret
        : bytes("C7 47 04 01 00 00 00 8B 07 85 C0 74 FA C3");
  }

  /// A function of no arguments that returns a 64-bit number.
  static byte[] longConstant(long value) {
    String format =
        isAarch64()
            // ldr x0, value; ret; value: .quad
            ? "58000040 D65F03C0 %08X %08X"
            // mov rax, value; ret
            : "48 B8 %08X %08X C3";
    return bytes(format.formatted((int) value, (int) (value >>> Integer.SIZE)));
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

  /// Writes a function that returns a constant at the start of a span.
  static void writeConstant(JitAllocator allocator, Span span, int value) {
    allocator.write(span, 0, MemorySegment.ofArray(constant(value)), CachePolicy.DEFAULT);
  }

  /// Calls a function of [#CONSTANT_TYPE].
  static int call(MethodHandle function) {
    try {
      return (int) function.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("A downcall throws no checked exception", e);
    }
  }

  /// Calls the function of [#CONSTANT_TYPE] at the start of a span.
  static int run(JitAllocator allocator, Span span) {
    return call(Services.runtime(allocator).bind(span.rx(), CONSTANT_TYPE));
  }
}
