// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/// Changes object files where it hurts: in headers, tables and numbers, to values at limits.
final class ObjectMutator {
  private static final int HEADER = 64;
  private static final int SYMBOL = 24;
  private static final int MAX_CHANGES = 3;

  /// Offsets and sizes of the fields of each structure.
  private static final int[][] FILE_FIELDS = {
    {4, 1}, {5, 1}, {0x10, 2}, {0x12, 2}, {0x28, 8}, {0x3A, 2}, {0x3C, 2}, {0x3E, 2}
  };

  private static final int[][] SECTION_FIELDS = {
    {0, 4}, {4, 4}, {8, 8}, {0x18, 8}, {0x20, 8}, {0x28, 4}, {0x2C, 4}, {0x30, 8}, {0x38, 8}
  };

  private static final int[][] SYMBOL_FIELDS = {{0, 4}, {4, 1}, {5, 1}, {6, 2}, {8, 8}, {16, 8}};
  private static final int[][] RELOCATION_FIELDS = {{0, 8}, {8, 4}, {12, 4}, {16, 8}};

  /// Types of sections, among them those that are refused.
  private static final int[] TYPES = {0, 1, 2, 3, 4, 5, 7, 8, 9, 14, 15, 17, 18, 0x4000_0014};

  private static final long[] VALUES = {
    0,
    1,
    2,
    -1,
    7,
    8,
    24,
    0x7FFF_FFFFL,
    0x8000_0000L,
    0xFFFF_FFFFL,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 8,
    -64
  };

  private final Random random;

  ObjectMutator(Random random) {
    this.random = random;
  }

  /// A changed copy of an object file or of an archive.
  byte[] mutate(byte[] original) {
    ByteBuffer file = ByteBuffer.wrap(original.clone()).order(LITTLE_ENDIAN);
    boolean object = original[0] == 0x7F;
    for (int changes = random.nextInt(MAX_CHANGES) + 1; changes > 0; changes--) {
      if (object) {
        change(file);
      } else {
        changeText(file);
      }
    }
    int length = original.length;
    return random.nextInt(20) == 0
        ? Arrays.copyOf(file.array(), random.nextInt(length))
        : file.array();
  }

  private void change(ByteBuffer file) {
    int count = sections(file);
    int section = count == 0 ? 0 : random.nextInt(count);
    switch (random.nextInt(12)) {
      case 0 -> set(file, 0, FILE_FIELDS[random.nextInt(FILE_FIELDS.length)]);
      case 1 -> file.put(random.nextInt(file.capacity()), (byte) random.nextInt());
      case 2 -> copyHeader(file, section, random.nextInt(Math.max(count, 1)));
      case 3 -> setWord(file, header(file, section) + 4, TYPES[random.nextInt(TYPES.length)]);
      case 4, 5 ->
          set(file, header(file, section), SECTION_FIELDS[random.nextInt(SECTION_FIELDS.length)]);
      case 6 -> setWord(file, header(file, section) + 8, random.nextInt(0x1000));
      case 7, 8 -> changeEntry(file, 2, SYMBOL_FIELDS);
      default -> changeEntry(file, 4, RELOCATION_FIELDS);
    }
  }

  /// Changes a symbol or a relocation, or another entry of 24 bytes in a table of that type.
  private void changeEntry(ByteBuffer file, int type, int[][] fields) {
    int count = sections(file);
    int first = random.nextInt(Math.max(count, 1));
    for (int i = 0; i < count; i++) {
      int header = header(file, (first + i) % count);
      if (get(file, header + 4) == type) {
        long entries = (get(file, header + 0x20) & 0xFFFF) / SYMBOL;
        long entry = entries == 0 ? 0 : random.nextInt((int) entries);
        set(
            file,
            get(file, header + 0x18) + (int) entry * SYMBOL,
            fields[random.nextInt(fields.length)]);
        return;
      }
    }
  }

  private void changeText(ByteBuffer file) {
    int at = random.nextInt(file.capacity());
    String digits = "0123456789/ #`\n";
    file.put(
        at,
        random.nextBoolean()
            ? (byte) random.nextInt()
            : (byte) digits.charAt(random.nextInt(digits.length())));
  }

  private void copyHeader(ByteBuffer file, int from, int to) {
    for (int i = 0; i < HEADER; i += 8) {
      int source = header(file, from) + i;
      int target = header(file, to) + i;
      if (fits(file, source, 8) && fits(file, target, 8)) {
        file.putLong(target, file.getLong(source));
      }
    }
  }

  private void set(ByteBuffer file, int structure, int[] field) {
    int at = structure + field[0];
    if (!fits(file, at, field[1])) {
      return;
    }
    long value = value(file, at, field[1]);
    switch (field[1]) {
      case 1 -> file.put(at, (byte) value);
      case 2 -> file.putShort(at, (short) value);
      case 4 -> file.putInt(at, (int) value);
      default -> file.putLong(at, value);
    }
  }

  private long value(ByteBuffer file, int at, int size) {
    long present = size == 8 ? file.getLong(at) : file.get(at);
    return switch (random.nextInt(6)) {
      case 0 -> present + random.nextInt(-8, 9);
      case 1 -> file.capacity() - random.nextInt(-2, 70);
      case 2 -> random.nextInt(64);
      case 3 -> random.nextInt(0x200);
      case 4 -> present << random.nextInt(1, 33);
      default -> VALUES[random.nextInt(VALUES.length)];
    };
  }

  private static int sections(ByteBuffer file) {
    return Short.toUnsignedInt(file.getShort(0x3C));
  }

  private static int header(ByteBuffer file, int section) {
    return (int) file.getLong(0x28) + section * HEADER;
  }

  private static int get(ByteBuffer file, int at) {
    return fits(file, at, 4) ? file.getInt(at) : 0;
  }

  private static void setWord(ByteBuffer file, int at, int value) {
    if (fits(file, at, 4)) {
      file.putInt(at, value);
    }
  }

  private static boolean fits(ByteBuffer file, int at, int size) {
    return at >= 0 && at <= file.capacity() - size;
  }
}
