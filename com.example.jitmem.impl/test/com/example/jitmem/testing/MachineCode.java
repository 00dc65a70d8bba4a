// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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
public final class MachineCode {
  /// `int32_t f(void)`
  public static final FunctionDescriptor CONSTANT_TYPE = FunctionDescriptor.of(JAVA_INT);

  /// `int32_t f(int32_t, int32_t)`
  public static final FunctionDescriptor SUM_TYPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);

  /// `int64_t f(void)`
  public static final FunctionDescriptor LONG_CONSTANT_TYPE = FunctionDescriptor.of(JAVA_LONG);

  /// `int64_t f(const int32_t *, int64_t)`
  public static final FunctionDescriptor SUM_OF_INTS_TYPE =
      FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG);

  /// `int32_t f(int32_t[2])`
  public static final FunctionDescriptor WAIT_TYPE = FunctionDescriptor.of(JAVA_INT, ADDRESS);

  /// The instruction set.
  public static final Architecture ARCHITECTURE =
      isAarch64() ? Architecture.AARCH64 : Architecture.X86_64;

  /// The instruction that traps, repeated to 32 bits.
  public static final int TRAP = isAarch64() ? 0x00000000 : 0xCCCCCCCC;

  /// Where the constant of [#constant(int)] begins. Divisible by 4, so that a processor that
  /// executes the function while the constant is replaced sees the old or the new one.
  public static final long CONSTANT_OFFSET = isAarch64() ? 8 : 4;

  private MachineCode() {}

  private static boolean isAarch64() {
    return System.getProperty("os.arch").equals("aarch64");
  }

  /// A function that returns a constant. On AArch64 that is data behind the code: instructions may
  /// not be replaced while they are executed there.
  public static byte[] constant(int value) {
    return isAarch64()
        // ldr w0, value; ret; value: .word
        ? bytes("18000040 D65F03C0 %08X".formatted(value))
        // nop; nop; nop; mov eax, value; ret
        : bytes("90 90 90 B8 %08X C3".formatted(value));
  }

  /// A function that returns the sum of its arguments.
  public static byte[] sum() {
    return isAarch64()
        // add w0, w0, w1; ret
        ? bytes("0B010000 D65F03C0")
        // lea eax, [rdi + rsi]; ret
        : bytes("8D 04 37 C3");
  }

  /// A function that says that it has begun and waits for a number, which it returns, by two 32-bit
  /// flags: the first one is that number, the second one the report.
  ///
  /// ```
  ///       mov dword [rdi + 4], 1    |       mov w2, #1
  /// wait: pause                     |       str w2, [x0, #4]
  ///       mov eax, [rdi]            | wait: yield
  ///       test eax, eax             |       ldr w1, [x0]
  ///       jz wait                   |       cbz w1, wait
  ///       ret                       |       mov w0, w1
  ///                                 |       ret
  /// ```
  public static byte[] waitForOrder() {
    return isAarch64()
        ? bytes("52800022 B9000402 D503203F B9400001 34FFFFC1 2A0103E0 D65F03C0")
        : bytes("C7 47 04 01 00 00 00 F3 90 8B 07 85 C0 74 F8 C3");
  }

  /// A function of no arguments that returns a 64-bit number.
  public static byte[] longConstant(long value) {
    String format =
        isAarch64()
            // ldr x0, value; ret; value: .quad
            ? "58000040 D65F03C0 %08X %08X"
            // mov rax, value; ret
            : "48 B8 %08X %08X C3";
    return bytes(format.formatted((int) value, (int) (value >>> Integer.SIZE)));
  }

  /// A function that returns the address of its own first byte.
  public static byte[] ownAddress() {
    return isAarch64()
        // adr x0, .; ret
        ? bytes("10000000 D65F03C0")
        // lea rax, [rip - 7]; ret
        : bytes("48 8D 05 F9 FF FF FF C3");
  }

  /// A function that adds up 32-bit numbers.
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
  public static byte[] sumOfInts() {
    return isAarch64()
        ? bytes("AA1F03E2 14000004 B8804403 8B030042 D1000421 F100003F 54FFFF8C AA0203E0 D65F03C0")
        : bytes("31 C0 48 85 F6 7E 0F 48 63 17 48 01 D0 48 83 C7 04 48 FF CE 75 F1 C3");
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
  public static void writeConstant(JitAllocator allocator, Span span, int value) {
    allocator.write(span, 0, MemorySegment.ofArray(constant(value)), CachePolicy.DEFAULT);
  }

  /// Calls a function of [#CONSTANT_TYPE].
  public static int call(MethodHandle function) {
    try {
      return (int) function.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("A downcall throws no checked exception", e);
    }
  }

  /// Calls the function of [#CONSTANT_TYPE] at the start of a span.
  public static int run(JitAllocator allocator, Span span) {
    return call(Services.runtime(allocator).bind(span.rx(), CONSTANT_TYPE));
  }
}
