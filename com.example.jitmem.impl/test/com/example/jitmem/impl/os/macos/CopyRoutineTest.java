// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Runs the routine instruction by instruction, decoded from its bytes by the encodings of the Arm
/// ARM (DDI 0487, C4.1), with functions that spoil every register they may.
class CopyRoutineTest {
  private static final long STACK = 0x8000;
  private static final long TARGET = 0x1003;
  private static final long SOURCE = 0x2001;
  private static final long PROTECT = 0x10_0000;
  private static final long FLUSH = 0x20_0000;
  private static final long RETURN = 0x30_0000;

  @Test
  void everySizeIsCopiedBetweenTheTogglesAndFlushed() {
    for (int size = 0; size <= 70; size++) {
      Machine machine = new Machine();
      byte[] before = machine.memory.clone();
      machine.run(size);
      assertThat(machine.called)
          .containsExactly("protect 0", "protect 1", "flush 1003 " + Integer.toHexString(size));
      for (int at = 0; at < STACK - 512; at++) {
        boolean copied = at >= TARGET && at < TARGET + size;
        byte expected = before[copied ? (int) (at - TARGET + SOURCE) : at];
        assertThat(machine.memory[at]).as("byte %x of size %d", at, size).isEqualTo(expected);
      }
    }
  }

  /// So much of the instruction set as the routine needs. Anything else fails the test.
  private static final class Machine {
    private final byte[] memory = new byte[0x9000];
    private final long[] x = new long[32];
    private final int[] code = new int[(int) (CopyRoutine.byteSize() / 4)];
    private final List<String> called = new ArrayList<>();
    private final Random random = new Random(42);
    private boolean writable;
    private boolean lower;
    private int pc;

    Machine() {
      random.nextBytes(memory);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(CopyRoutine.byteSize(), 4);
        CopyRoutine.writeTo(bytes);
        MemorySegment.copy(bytes, ValueLayout.JAVA_INT, 0, code, 0, code.length);
      }
      for (int i = 0; i < 31; i++) {
        x[i] = random.nextLong();
      }
    }

    void run(int size) {
      x[31] = STACK;
      x[30] = RETURN;
      x[0] = TARGET;
      x[1] = SOURCE;
      x[2] = size;
      x[3] = PROTECT;
      x[4] = FLUSH;
      long[] before = x.clone();
      int steps = 0;
      while (pc >= 0) {
        step(code[pc]);
        assertThat(steps++).isLessThan(1000);
      }
      for (int preserved = 19; preserved <= 31; preserved++) {
        assertThat(x[preserved]).as("x" + preserved).isEqualTo(before[preserved]);
      }
    }

    private static int field(int word, int low, int bits) {
      return (word >>> low) & ((1 << bits) - 1);
    }

    private static int signed(int word, int low, int bits) {
      return field(word, low, bits) << (32 - bits) >> (32 - bits);
    }

    private void step(int word) {
      int rd = field(word, 0, 5);
      int rn = field(word, 5, 5);
      pc++;
      if (field(word, 25, 7) == 0b1010100) {
        pair(word, rd, rn);
      } else if (field(word, 22, 10) == 0b1111100100) { // str, unsigned offset
        store(x[rn] + 8L * field(word, 10, 12), x[rd], 8);
      } else if (field(word, 22, 10) == 0b1111100101) { // ldr, unsigned offset
        x[rd] = load(x[rn] + 8L * field(word, 10, 12), 8);
      } else if (field(word, 24, 6) == 0b111000 && field(word, 10, 2) == 0b01) {
        postIndexed(word, rd, rn);
      } else if (field(word, 21, 11) == 0b10101010000 && rn == 31 && field(word, 10, 6) == 0) {
        x[rd] = x[field(word, 16, 5)]; // mov: orr with the zero register
      } else if (field(word, 22, 10) == 0b1001000100 && field(word, 10, 12) == 0) {
        x[rd] = x[rn]; // mov from the stack pointer: add 0
      } else if (field(word, 23, 9) == 0b010100101 && field(word, 21, 2) == 0) {
        x[rd] = field(word, 5, 16); // movz, 32 bits
      } else if (field(word, 22, 10) == 0b1101000100) {
        x[rd] = x[rn] - field(word, 10, 12); // sub
      } else if (field(word, 22, 10) == 0b1111000100 && rd == 31) {
        lower = Long.compareUnsigned(x[rn], field(word, 10, 12)) < 0; // cmp
      } else {
        branch(word, rd, rn);
      }
    }

    /// Loads and stores of pairs: pre-indexed, post-indexed and with an offset.
    private void pair(int word, int first, int base) {
      int second = field(word, 10, 5);
      long offset = 8L * signed(word, 15, 7);
      int kind = field(word, 23, 2);
      long address = kind == 0b01 ? x[base] : x[base] + offset;
      if (field(word, 22, 1) == 1) {
        x[first] = load(address, 8);
        x[second] = load(address + 8, 8);
      } else {
        store(address, x[first], 8);
        store(address + 8, x[second], 8);
      }
      if (kind != 0b10) {
        x[base] += offset;
      }
    }

    private void postIndexed(int word, int rt, int rn) {
      int size = 1 << field(word, 30, 2);
      boolean load = field(word, 22, 2) == 0b01;
      assertThat(field(word, 21, 1)).isZero();
      if (load) {
        x[rt] = load(x[rn], size);
      } else {
        store(x[rn], x[rt], size);
      }
      x[rn] += signed(word, 12, 9);
    }

    private void branch(int word, int rt, int rn) {
      if (field(word, 24, 8) == 0b01010100 && rt == 0b00011) { // b.lo
        pc += lower ? signed(word, 5, 19) - 1 : 0;
      } else if (field(word, 26, 6) == 0b000101) { // b
        pc += signed(word, 0, 26) - 1;
      } else if (field(word, 24, 8) == 0b10110100) { // cbz
        pc += x[rt] == 0 ? signed(word, 5, 19) - 1 : 0;
      } else if ((word & 0xFFFFFC1F) == 0xD63F0000) { // blr
        call(x[rn]);
      } else if (word == 0xD65F03C0) { // ret
        assertThat(x[30]).isEqualTo(RETURN);
        pc = -1;
      } else {
        throw new AssertionError("Not decoded: " + Integer.toHexString(word));
      }
    }

    private void call(long function) {
      assertThat(x[31] % 16).as("alignment of the stack").isZero();
      if (function == PROTECT) {
        called.add("protect " + (int) x[0]);
        writable = (int) x[0] == 0;
      } else if (function == FLUSH) {
        called.add("flush " + Long.toHexString(x[0]) + " " + Long.toHexString(x[1]));
        assertThat(writable).isFalse();
      } else {
        throw new AssertionError("Called " + Long.toHexString(function));
      }
      for (int i = 0; i <= 18; i++) {
        x[i] = random.nextLong();
      }
      x[30] = random.nextLong();
    }

    private long load(long address, int size) {
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = (value << 8) | (memory[(int) address + i] & 0xFF);
      }
      return value;
    }

    private void store(long address, long value, int size) {
      assertThat(address >= STACK - 64 || writable).as("store to %x", address).isTrue();
      for (int i = 0; i < size; i++) {
        memory[(int) address + i] = (byte) (value >>> (8 * i));
      }
    }
  }
}
