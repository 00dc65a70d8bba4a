// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Small functions in x86-64 machine code for the System V calling convention.
final class MachineCode {
  /// `int32_t f(void)`
  static final FunctionDescriptor CONSTANT_TYPE = FunctionDescriptor.of(JAVA_INT);

  /// `int32_t f(int32_t, int32_t)`
  static final FunctionDescriptor SUM_TYPE = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);

  /// `int32_t f(int32_t[2])`
  static final FunctionDescriptor WAIT_TYPE = FunctionDescriptor.of(JAVA_INT, ADDRESS);

  /// Where the constant of [#constant(int)] begins. Divisible by 4, so that a processor that
  /// executes the function while it is replaced sees the old or the new one.
  static final long CONSTANT_OFFSET = 4;

  private static final byte NOP = (byte) 0x90;
  private static final byte MOV_EAX_IMM32 = (byte) 0xB8;
  private static final byte RET = (byte) 0xC3;

  private MachineCode() {}

  /// A function that returns a constant.
  static byte[] constant(int value) {
    return ByteBuffer.allocate(9)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(NOP)
        .put(NOP)
        .put(NOP)
        .put(MOV_EAX_IMM32)
        .putInt(value)
        .put(RET)
        .array();
  }

  /// A function that returns the sum of its arguments: `lea eax, [rdi + rsi]`.
  static byte[] sum() {
    return new byte[] {(byte) 0x8D, 0x04, 0x37, RET};
  }

  /// A function that is told two numbers by their address: it sets the second one to 1, spins until
  /// the first one is not zero, and returns it. `mov dword [rdi + 4], 1; again: mov eax, [rdi];
  /// test eax, eax; jz again; ret`
  static byte[] waitForNonZero() {
    return new byte[] {
      (byte) 0xC7,
      0x47,
      0x04,
      1,
      0,
      0,
      0,
      (byte) 0x8B,
      0x07,
      (byte) 0x85,
      (byte) 0xC0,
      0x74,
      (byte) 0xFA,
      RET
    };
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
