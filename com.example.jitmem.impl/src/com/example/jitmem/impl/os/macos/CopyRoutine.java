// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Code for AArch64 that lets the calling thread write `MAP_JIT` memory, copies bytes there, lets
/// the thread execute such memory again, and flushes the instruction cache.
///
/// It has to be one native call: the JVM's own code is `MAP_JIT` memory, which a thread that may
/// write cannot execute, so that it could not return to Java between the steps. For the same reason
/// the routine must not lie in `MAP_JIT` memory itself.
///
/// `void copy(void *target, const void *source, size_t size, void (*protect)(int), void
/// (*flush)(void *, size_t))` by the procedure call standard AAPCS64: arguments are in x0 to x4,
/// x19 to x29 are preserved, x16 to x18 not touched. `protect` is
/// `pthread_jit_write_protect_np`, `flush` is `sys_icache_invalidate`.
final class CopyRoutine {
  private static final int[] CODE = {
    0xA9BC7BFD, // stp x29, x30, [sp, #-64]!
    0x910003FD, // mov x29, sp
    0xA90153F3, // stp x19, x20, [sp, #16]
    0xA9025BF5, // stp x21, x22, [sp, #32]
    0xF9001BF7, // str x23, [sp, #48]
    0xAA0003F3, // mov x19, x0          target
    0xAA0103F4, // mov x20, x1          source
    0xAA0203F5, // mov x21, x2          size
    0xAA0303F6, // mov x22, x3          protect
    0xAA0403F7, // mov x23, x4          flush
    0x52800000, // mov w0, #0
    0xD63F02C0, // blr x22              protect(0): writable
    0xAA1303E9, // mov x9, x19
    0xAA1503EB, // mov x11, x21
    0xF100217F, // cmp x11, #8          words:
    0x540000A3, // b.lo bytes
    0xF840868C, // ldr x12, [x20], #8
    0xF800852C, // str x12, [x9], #8
    0xD100216B, // sub x11, x11, #8
    0x17FFFFFB, // b words
    0xB40000AB, // cbz x11, done        bytes:
    0x3840168C, // ldrb w12, [x20], #1
    0x3800152C, // strb w12, [x9], #1
    0xD100056B, // sub x11, x11, #1
    0x17FFFFFC, // b bytes
    0x52800020, // mov w0, #1           done:
    0xD63F02C0, // blr x22              protect(1): executable
    0xAA1303E0, // mov x0, x19
    0xAA1503E1, // mov x1, x21
    0xD63F02E0, // blr x23              flush(target, size)
    0xF9401BF7, // ldr x23, [sp, #48]
    0xA9425BF5, // ldp x21, x22, [sp, #32]
    0xA94153F3, // ldp x19, x20, [sp, #16]
    0xA8C47BFD, // ldp x29, x30, [sp], #64
    0xD65F03C0, // ret
  };

  private static final ValueLayout.OfInt INSTRUCTION =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private CopyRoutine() {}

  /// The size of the code in bytes.
  static long byteSize() {
    return (long) CODE.length * Integer.BYTES;
  }

  /// Writes the code.
  static void writeTo(MemorySegment memory) {
    for (int i = 0; i < CODE.length; i++) {
      memory.setAtIndex(INSTRUCTION, i, CODE[i]);
    }
  }
}
