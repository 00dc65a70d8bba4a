// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jnr.x86asm.Asm;
import jnr.x86asm.Register;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls formulas from machine code that looks after its registers.
class CallingConventionTest {
  /// The registers that a function has to leave as they are, beside the stack pointer: System V ABI
  /// of AMD64, section 3.2.1.
  private static final List<Register> CALLEE_SAVED =
      List.of(Asm.rbx, Asm.rbp, Asm.r12, Asm.r13, Asm.r14, Asm.r15);

  private static final int MARK = 0x1357_9BDF;

  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max(a, min(b, c)) / (d - -abs(e)) * sqrt(f)",
        "a-(b-(c-(d-(e-(f-(a-(b-(c-(d-(e-(f-(a-(b-(c-(d-(e-(f-(a-(b-(c-(d-e)))))))))))))))))))))",
      })
  void registersOfTheCallerKeepTheirValues(String text) throws Throwable {
    assertThat(changedBits(FormulaCompiler.compile(FormulaParser.parse(text)))).isZero();
  }

  @Test
  void aRegisterThatChangesIsSeen() throws Throwable {
    var code = new InstructionStream();
    code.next().add(Asm.r14, Asm.imm(1));
    code.next().ret();
    assertThat(changedBits(code.toByteArray())).isNotZero();
  }

  private static long changedBits(byte[] formula) throws Throwable {
    try (OwnedJitAllocator allocator = PlainJvm.allocator();
        Arena arena = Arena.ofConfined()) {
      JitRuntime runtime = PlainJvm.runtime(allocator);
      MemorySegment column = arena.allocateFrom(JAVA_DOUBLE, 1, 2, 3);
      Columns columns =
          Columns.of(List.of(column, column, column, column, column, column), 3, arena);
      MemorySegment results = arena.allocate(JAVA_DOUBLE, 3);
      try (JitFunction callee = runtime.add(formula, TYPE);
          JitFunction caller =
              runtime.add(MemorySegment.ofArray(callerCode()), TYPE, FunctionOptions.defaults())) {
        return (long)
            caller.handle().invokeExact(columns.addresses(), results, 3L, callee.span().rx());
      }
    }
  }

  /// Marks the registers, calls its fourth argument with the first three, and returns the bits that
  /// are not as they were.
  private static byte[] callerCode() {
    var code = new InstructionStream();
    CALLEE_SAVED.forEach(register -> code.next().push(register));
    CALLEE_SAVED.forEach(register -> code.next().mov(register, Asm.imm(MARK)));
    code.next().call(Asm.rcx);
    code.next().xor_(Asm.rax, Asm.rax);
    for (Register register : CALLEE_SAVED) {
      code.next().xor_(register, Asm.imm(MARK));
      code.next().or_(Asm.rax, register);
    }
    CALLEE_SAVED.reversed().forEach(register -> code.next().pop(register));
    code.next().ret();
    return code.toByteArray();
  }
}
