// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Functions that return a constant, the shortest code whose execution can be told from that of
/// other code.
final class MachineCode {
  /// The type of the functions: `int f(void)`.
  static final FunctionDescriptor TYPE = FunctionDescriptor.of(ValueLayout.JAVA_INT);

  private MachineCode() {}

  /// A function that returns a constant.
  ///
  /// @param runtime tells the instruction set
  /// @param constant from 0 to 65535
  static byte[] returning(JitRuntime runtime, int constant) {
    ByteBuffer code = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    switch (runtime.architecture()) {
      // mov eax, constant; ret; nop; nop
      case X86_64 ->
          code.put((byte) 0xB8).putInt(constant).put((byte) 0xC3).putShort((short) 0x9090);
      // movz w0, #constant; ret
      case AARCH64 -> code.putInt(0x52800000 | constant << 5).putInt(0xD65F03C0);
      default -> throw new AssertionError(runtime.architecture());
    }
    return code.array();
  }

  /// Allocates a span with a function that returns a constant.
  static Span place(JitAllocator allocator, JitRuntime runtime, int constant) {
    Span span = allocator.alloc(8);
    allocator.write(
        span, 0, MemorySegment.ofArray(returning(runtime, constant)), CachePolicy.DEFAULT);
    return span;
  }

  /// Calls the function in a span.
  static int call(JitRuntime runtime, Span span) throws Throwable {
    return call(runtime.bind(span.rx(), TYPE));
  }

  /// Calls a function.
  static int call(MethodHandle function) throws Throwable {
    return (int) function.invokeExact();
  }
}
