// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.example.jitmem.api.runtime.RelocatableCode;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// An object file for x86-64 that a test puts together from sections and symbols, right or wrong.
final class MadeObject {
  static final int HEADER = 64;
  private static final int XINDEX = 0xFFFF;

  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final ByteArrayOutputStream symbols = new ByteArrayOutputStream();
  private boolean extended;
  private final List<Part> parts = new ArrayList<>();

  /// A section as its header says.
  static final class Part {
    final int name;
    int type;
    long flags;
    byte[] bytes;
    long byteSize;
    int link;
    int info;
    long alignment = 1;
    long entryByteSize;

    Part(int name, int type, long flags, byte[] bytes) {
      this.name = name;
      this.type = type;
      this.flags = flags;
      this.bytes = bytes;
      this.byteSize = bytes.length;
    }
  }

  MadeObject() {
    strings.write(0);
    symbol("", 0, 0, 0, 0, 0);
    section("", SectionTable.NULL, 0, new byte[0]);
    section(".strtab", SectionTable.STRTAB, 0, new byte[0]);
    Part symtab = section(".symtab", SectionTable.SYMTAB, 0, new byte[0]);
    symtab.link = 1;
    symtab.entryByteSize = 24;
  }

  /// Adds a section; the first one has number 3.
  Part section(String name, int type, long flags, byte[] bytes) {
    Part part = new Part(string(name), type, flags, bytes);
    parts.add(part);
    return part;
  }

  Part text(byte[] bytes) {
    return section(".text", SectionTable.PROGBITS, 6, bytes);
  }

  /// Writes the numbers of sections into the header of section 0, as an object with many does.
  void withExtendedNumbers() {
    extended = true;
  }

  int lastSection() {
    return parts.size() - 1;
  }

  Part part(int section) {
    return parts.get(section);
  }

  /// Adds a symbol and returns its number, from 1.
  int symbol(String name, int info, int other, int section, long value, long size) {
    ByteBuffer entry = ByteBuffer.allocate(24).order(LITTLE_ENDIAN);
    entry.putInt(string(name)).put((byte) info).put((byte) other).putShort((short) section);
    entry.putLong(value).putLong(size);
    symbols.writeBytes(entry.array());
    return symbols.size() / 24 - 1;
  }

  /// Adds relocations of a section: offset, number, symbol and addend of each.
  Part relocations(int section, long... fields) {
    ByteBuffer bytes = ByteBuffer.allocate(fields.length / 4 * 24).order(LITTLE_ENDIAN);
    for (int i = 0; i < fields.length; i += 4) {
      bytes.putLong(fields[i]).putLong(fields[i + 2] << 32 | fields[i + 1]);
      bytes.putLong(fields[i + 3]);
    }
    Part part = section(".rela", SectionTable.RELA, 0x40, bytes.array());
    part.link = 2;
    part.info = section;
    part.entryByteSize = 24;
    return part;
  }

  private int string(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    int at = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    strings.write(0);
    return at;
  }

  byte[] bytes() {
    Part strtab = parts.get(1);
    Part symtab = parts.get(2);
    strtab.bytes = strings.toByteArray();
    strtab.byteSize = Math.max(strtab.byteSize, strtab.bytes.length);
    symtab.bytes = symbols.toByteArray();
    symtab.byteSize = Math.max(symtab.byteSize, symtab.bytes.length);
    ByteBuffer file = ByteBuffer.allocate(size()).order(LITTLE_ENDIAN);
    file.putLong(0x00010102464C457FL).putLong(0).putShort((short) 1).putShort((short) 62);
    file.putInt(1).putLong(0).putLong(0).putLong(HEADER).putInt(0).putShort((short) 64);
    file.putInt(0)
        .putShort((short) 64)
        .putShort(extended ? 0 : (short) parts.size())
        .putShort(extended ? (short) XINDEX : 1);
    long offset = HEADER + (long) parts.size() * HEADER;
    for (Part part : parts) {
      file.putInt(part.name).putInt(part.type).putLong(part.flags).putLong(0).putLong(offset);
      file.putLong(part.byteSize).putInt(part.link).putInt(part.info).putLong(part.alignment);
      file.putLong(part.entryByteSize);
      offset += part.bytes.length;
    }
    parts.forEach(part -> file.put(part.bytes));
    return file.array();
  }

  private int size() {
    return HEADER
        + parts.size() * HEADER
        + parts.stream().mapToInt(part -> part.bytes.length).sum();
  }

  RelocatableCode read() {
    return ObjectFile.read(MemorySegment.ofArray(bytes()), "made");
  }
}
