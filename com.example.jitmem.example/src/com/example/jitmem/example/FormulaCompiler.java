// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static jnr.x86asm.Asm.imm;
import static jnr.x86asm.Asm.qword_ptr;
import static jnr.x86asm.Asm.r10;
import static jnr.x86asm.Asm.r11;
import static jnr.x86asm.Asm.r8;
import static jnr.x86asm.Asm.r9;
import static jnr.x86asm.Asm.rax;
import static jnr.x86asm.Asm.rcx;
import static jnr.x86asm.Asm.rdi;
import static jnr.x86asm.Asm.rdx;
import static jnr.x86asm.Asm.rsi;
import static jnr.x86asm.Asm.rsp;

import com.example.jitmem.example.Expression.Binary;
import com.example.jitmem.example.Expression.BinaryOperator;
import com.example.jitmem.example.Expression.Column;
import com.example.jitmem.example.Expression.Constant;
import com.example.jitmem.example.Expression.Unary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jnr.x86asm.Asm;
import jnr.x86asm.Mem;
import jnr.x86asm.Register;
import jnr.x86asm.XMMRegister;

/// Compiles a formula to x86-64 machine code (SSE2) of the signature
///
/// ```
/// void formula(const double *const *columns, double *results, long rowCount);   // rowCount >= 1
/// ```
///
/// in the System V calling convention. The code is position-independent, has its constants behind
/// it, and touches only registers that belong to the callee.
final class FormulaCompiler {
  /*
   * Layout of the code:
   *
   *          lea r11, [rip + constants]                placed by hand
   *          make room for spilled values, rax = 0, load the first columns' addresses
   *   loop:  xmm0 = the formula; results[rax] = xmm0; rax++; compare with rowCount
   *          jb loop                                   placed by hand
   *          give the room back, return, int3 up to a multiple of 16
   *          constants, 16 bytes each
   *
   * The encoder cannot bind labels, so the two instructions that refer to other places are put
   * between its pieces. The loop is part of the code because a call for every row takes 10 ns and
   * more, while a row of the weather formulas takes 0.3 to 3 ns (EPYC, JDK 25).
   *
   * A subtree leaves its value in the register it is told. The left operand stays there while the
   * right one is computed in the next register; when there is none, the left one waits on the
   * stack.
   */
  private static final byte[] LEA_R11_RIP = {0x4C, (byte) 0x8D, 0x1D};
  private static final int LEA_SIZE = LEA_R11_RIP.length + Integer.BYTES;
  private static final byte[] JB = {0x0F, (byte) 0x82};
  private static final int JB_SIZE = JB.length + Integer.BYTES;
  private static final byte INT3 = (byte) 0xCC;

  private static final Register COLUMNS = rdi;
  private static final Register RESULTS = rsi;
  private static final Register ROW_COUNT = rdx;
  private static final Register ROW = rax;
  private static final Register CONSTANTS = r11;

  /// Where the addresses of the first columns stay during the loop.
  private static final List<Register> COLUMN_BASES = List.of(r8, r9, r10);

  /// Where the addresses of the other columns are loaded to.
  private static final Register OTHER_BASE = rcx;

  /// Registers for operands that wait, and are all there is but the last three.
  private static final List<XMMRegister> VALUES =
      List.of(
          Asm.xmm0, Asm.xmm1, Asm.xmm2, Asm.xmm3, Asm.xmm4, Asm.xmm5, Asm.xmm6, Asm.xmm7, Asm.xmm8,
          Asm.xmm9, Asm.xmm10, Asm.xmm11, Asm.xmm12);

  private static final XMMRegister RIGHT = Asm.xmm13;
  private static final XMMRegister SWAPPED = Asm.xmm14;
  private static final XMMRegister UNORDERED = Asm.xmm15;

  /// The predicate of `cmpsd` that is true when an operand is NaN.
  private static final int CMP_UNORDERED = 3;

  /// The shift that makes a row an offset.
  private static final int DOUBLE_SHIFT = 3;

  /// Operands of `andpd` and `xorpd` in memory have to be aligned to this.
  private static final int CONSTANT_SIZE = 16;

  private static final long SIGN_BIT = Long.MIN_VALUE;
  private static final long ALL_BUT_SIGN_BIT = Long.MAX_VALUE;

  private final InstructionStream body = new InstructionStream();
  private final Map<Long, Integer> constants = new LinkedHashMap<>();
  private int spilled;
  private int slotCount;

  private FormulaCompiler() {}

  /// Compiles a formula.
  ///
  /// @return the code, which has to be placed at an address that is a multiple of 16
  static byte[] compile(Formula formula) {
    var compiler = new FormulaCompiler();
    compiler.emit(formula.root(), 0);
    compiler.body.next().movsd(qword_ptr(RESULTS, ROW, DOUBLE_SHIFT, 0), VALUES.getFirst());
    compiler.body.next().add(ROW, imm(1));
    compiler.body.next().cmp(ROW, ROW_COUNT);
    return compiler.link(formula.columns().size());
  }

  private void emit(Expression expression, int target) {
    XMMRegister value = VALUES.get(target);
    switch (expression) {
      case Constant leaf -> load(value, operand(leaf));
      case Column leaf -> load(value, operand(leaf));
      case Unary unary -> {
        emit(unary.operand(), target);
        switch (unary.operator()) {
          case NEGATE -> body.next().xorpd(value, constant(SIGN_BIT));
          case ABS -> body.next().andpd(value, constant(ALL_BUT_SIGN_BIT));
          case SQRT -> body.next().sqrtsd(value, value);
        }
      }
      case Binary binary -> {
        emit(binary.left(), target);
        emit(binary.operator(), value, emitRight(binary.right(), target));
      }
    }
  }

  /// Computes the right operand while the left one is in the target register, where it is again
  /// afterwards.
  ///
  /// @return the register of the right operand
  private XMMRegister emitRight(Expression right, int target) {
    XMMRegister left = VALUES.get(target);
    switch (right) {
      case Constant leaf -> load(RIGHT, operand(leaf));
      case Column leaf -> load(RIGHT, operand(leaf));
      case Unary _, Binary _ -> {
        if (target + 1 < VALUES.size()) {
          emit(right, target + 1);
          return VALUES.get(target + 1);
        }
        Mem slot = qword_ptr(rsp, (long) spilled * Double.BYTES);
        spilled++;
        slotCount = Math.max(slotCount, spilled);
        body.next().movsd(slot, left);
        emit(right, target);
        body.next().movapd(RIGHT, left);
        body.next().movsd(left, slot);
        spilled--;
      }
    }
    return RIGHT;
  }

  private void emit(BinaryOperator operator, XMMRegister left, XMMRegister right) {
    switch (operator) {
      case ADD -> body.next().addsd(left, right);
      case SUBTRACT -> body.next().subsd(left, right);
      case MULTIPLY -> body.next().mulsd(left, right);
      case DIVIDE -> body.next().divsd(left, right);
      case MIN -> emitMin(left, right);
      case MAX -> emitMax(left, right);
    }
  }

  /*
   * MINSD and MAXSD give their second operand when both are zeros or one is NaN, and Java has other
   * wishes. So they are done both ways: that gives the same value twice in every other case, and
   * each operand once in these.
   */

  /// OR keeps the sign of one of two zeros, and all that makes a NaN.
  private void emitMin(XMMRegister left, XMMRegister right) {
    body.next().movapd(SWAPPED, right);
    body.next().minsd(SWAPPED, left);
    body.next().minsd(left, right);
    body.next().orpd(left, SWAPPED);
  }

  /// AND makes the positive one of two zeros. A NaN needs its own bits: all ones are a NaN.
  private void emitMax(XMMRegister left, XMMRegister right) {
    body.next().movapd(UNORDERED, left);
    body.next().cmpsd(UNORDERED, right, imm(CMP_UNORDERED));
    body.next().movapd(SWAPPED, right);
    body.next().maxsd(SWAPPED, left);
    body.next().maxsd(left, right);
    body.next().andpd(left, SWAPPED);
    body.next().orpd(left, UNORDERED);
  }

  private void load(XMMRegister target, Mem operand) {
    body.next().movsd(target, operand);
  }

  private Mem operand(Constant leaf) {
    return constant(Double.doubleToRawLongBits(leaf.value()));
  }

  private Mem operand(Column leaf) {
    Register base = OTHER_BASE;
    if (leaf.index() < COLUMN_BASES.size()) {
      base = COLUMN_BASES.get(leaf.index());
    } else {
      body.next().mov(base, address(leaf.index()));
    }
    return qword_ptr(base, ROW, DOUBLE_SHIFT, 0);
  }

  private static Mem address(int column) {
    return qword_ptr(COLUMNS, (long) column * Long.BYTES);
  }

  private Mem constant(long bits) {
    int index = constants.computeIfAbsent(bits, _ -> constants.size());
    return qword_ptr(CONSTANTS, (long) index * CONSTANT_SIZE);
  }

  private byte[] link(int columnCount) {
    byte[] entry = entry(columnCount);
    byte[] loop = body.toByteArray();
    byte[] exit = exit();
    int codeSize = LEA_SIZE + entry.length + loop.length + JB_SIZE + exit.length;
    int constantsOffset = Math.ceilDiv(codeSize, CONSTANT_SIZE) * CONSTANT_SIZE;
    int byteSize = constantsOffset + constants.size() * CONSTANT_SIZE;
    ByteBuffer code = ByteBuffer.allocate(byteSize).order(ByteOrder.LITTLE_ENDIAN);
    code.put(LEA_R11_RIP).putInt(constantsOffset - LEA_SIZE);
    code.put(entry).put(loop);
    code.put(JB).putInt(-(loop.length + JB_SIZE));
    code.put(exit);
    while (code.position() < constantsOffset) {
      code.put(INT3);
    }
    constants.keySet().forEach(bits -> code.putLong(bits).putLong(0));
    return code.array();
  }

  private byte[] entry(int columnCount) {
    var entry = new InstructionStream();
    if (slotCount > 0) {
      entry.next().sub(rsp, imm((long) slotCount * Double.BYTES));
    }
    entry.next().xor_(ROW, ROW);
    for (int i = 0; i < Math.min(columnCount, COLUMN_BASES.size()); i++) {
      entry.next().mov(COLUMN_BASES.get(i), address(i));
    }
    return entry.toByteArray();
  }

  private byte[] exit() {
    var exit = new InstructionStream();
    if (slotCount > 0) {
      exit.next().add(rsp, imm((long) slotCount * Double.BYTES));
    }
    exit.next().ret();
    return exit.toByteArray();
  }
}
