// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import java.util.Arrays;

/// The header of an object file and the headers of its sections, all of which lie inside the file
/// and share no byte. Offsets and numbers are those of the ELF specification.
final class SectionTable {
  static final int NULL = 0;
  static final int PROGBITS = 1;
  static final int SYMTAB = 2;
  static final int STRTAB = 3;
  static final int RELA = 4;
  static final int NOTE = 7;
  static final int NOBITS = 8;
  static final int REL = 9;
  static final int INIT_ARRAY = 14;
  static final int FINI_ARRAY = 15;
  static final int GROUP = 17;
  static final int SYMTAB_SHNDX = 18;
  static final int CREL = 0x4000_0014;
  static final int X86_64_UNWIND = 0x7000_0001;

  static final long WRITE = 1;
  static final long ALLOC = 2;
  static final long EXECINSTR = 4;
  static final long TLS = 0x400;
  static final long COMPRESSED = 0x800;
  static final long EXCLUDE = 0x8000_0000L;

  private static final int FILE_HEADER_BYTES = 64;
  private static final int HEADER_BYTES = 64;
  private static final int MAGIC = 0x464C_457F;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int VERSION = 1;
  private static final int RELOCATABLE = 1;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;
  private static final int BITCODE = 0xDEC0_4342;
  private static final int WRAPPED_BITCODE = 0x0B17_C0DE;
  private static final long ARCHIVE = 0x0A3E_6863_7261_3C21L;

  /// The index that stands for one that does not fit into 16 bits.
  private static final int XINDEX = 0xFFFF;

  /// How many bits of a number hold the index of a section beside its offset.
  private static final int INDEX_BITS = 23;

  private final Input input;
  private final Architecture architecture;
  private final long headers;
  private final int count;
  private final int names;

  SectionTable(Input input) {
    this.input = input;
    checkFormat();
    this.architecture = machine();
    this.headers = input.int64(0x28);
    if (headers == 0) {
      this.count = 0;
      this.names = 0;
      return;
    }
    if (input.int16(0x3A) != HEADER_BYTES) {
      throw input.malformed("headers of sections are not of 64 bytes");
    }
    input.check(headers, HEADER_BYTES, "the table of sections");
    long sections = input.int16(0x3C) == 0 ? byteSize(0) : input.int16(0x3C);
    if (sections < 0 || sections > input.byteSize() / HEADER_BYTES || sections >> INDEX_BITS != 0) {
      throw input.malformed("there are more sections than fit into the file");
    }
    input.check(headers, sections * HEADER_BYTES, "the table of sections");
    this.count = (int) sections;
    this.names = input.int16(0x3E) == XINDEX ? link(0) : input.int16(0x3E);
    if (names != 0 && (names < 0 || names >= count || type(names) != STRTAB)) {
      throw input.malformed("names of sections are not in a table of strings");
    }
    checkRanges();
  }

  private void checkFormat() {
    if (input.byteSize() >= 4) {
      int magic = input.int32(0);
      if (magic == BITCODE || magic == WRAPPED_BITCODE) {
        throw linkTimeOptimization();
      }
    }
    if (input.byteSize() >= 8 && input.int64(0) == ARCHIVE) {
      throw input.notSupported("this is an archive, not an object file; read it as one");
    }
    if (input.byteSize() < FILE_HEADER_BYTES || input.int32(0) != MAGIC) {
      throw input.malformed("this is no ELF file");
    }
    if (input.int8(4) != CLASS_64) {
      throw input.notSupported("ELF class %d, not 64 bits".formatted(input.int8(4)));
    }
    if (input.int8(5) != LITTLE_ENDIAN) {
      throw input.notSupported("byte order %d, not little-endian".formatted(input.int8(5)));
    }
    if (input.int8(6) != VERSION || input.int32(0x14) != VERSION) {
      throw input.notSupported("ELF version is not 1");
    }
    if (input.int16(0x10) != RELOCATABLE) {
      throw input.notSupported(
          "ELF type %d, not relocatable; compile with -c".formatted(input.int16(0x10)));
    }
  }

  private Architecture machine() {
    int machine = input.int16(0x12);
    return switch (machine) {
      case X86_64 -> Architecture.X86_64;
      case AARCH64 -> Architecture.AARCH64;
      default ->
          throw input.error(
              Reason.WRONG_ARCHITECTURE,
              "ELF machine %d, neither x86-64 nor AArch64".formatted(machine));
    };
  }

  /// An object that a compiler finishes only when a whole program is linked.
  LinkException linkTimeOptimization() {
    return input.notSupported(
        "an object for link-time optimization holds no code; compile without -flto");
  }

  /// Finds that all contents are in the file and that none is in another, so that memory for all of
  /// them is at most that of the file.
  private void checkRanges() {
    long[] ranges = new long[count];
    int used = 0;
    for (int section = 1; section < count; section++) {
      if (type(section) != NOBITS && type(section) != NULL && byteSize(section) != 0) {
        input.check(offset(section), byteSize(section), "section %d".formatted(section));
        ranges[used++] = offset(section) << INDEX_BITS | section;
      }
    }
    Arrays.sort(ranges, 0, used);
    long end = 0;
    for (int i = 0; i < used; i++) {
      int section = (int) ranges[i] & (1 << INDEX_BITS) - 1;
      if (offset(section) < end) {
        throw input.malformed("section %d overlaps another one".formatted(section));
      }
      end = offset(section) + byteSize(section);
    }
  }

  Architecture architecture() {
    return architecture;
  }

  /// How many sections there are, with number 0, which is none.
  int count() {
    return count;
  }

  int type(int section) {
    return input.int32(header(section) + 4);
  }

  long flags(int section) {
    return input.int64(header(section) + 8);
  }

  boolean has(int section, long flag) {
    return (flags(section) & flag) != 0;
  }

  long offset(int section) {
    return input.int64(header(section) + 0x18);
  }

  long byteSize(int section) {
    return input.int64(header(section) + 0x20);
  }

  int link(int section) {
    return input.int32(header(section) + 0x28);
  }

  int info(int section) {
    return input.int32(header(section) + 0x2C);
  }

  long alignment(int section) {
    return input.int64(header(section) + 0x30);
  }

  long entryByteSize(int section) {
    return input.int64(header(section) + 0x38);
  }

  String name(int section) {
    return names == 0 ? "" : string(names, input.unsigned32(header(section)));
  }

  /// A string of a table of strings, which has been found to be one.
  String string(int table, long at) {
    long end = offset(table) + byteSize(table);
    long start = offset(table) + at;
    if (at >= byteSize(table)) {
      throw input.malformed("a name is outside its table");
    }
    long terminator = input.find((byte) 0, start, end);
    if (terminator == end) {
      throw input.malformed("a name has no end");
    }
    return input.text(start, terminator);
  }

  /// The number of entries of a table.
  ///
  /// @param entryBytes the size of an entry that the specification prescribes
  long entries(int section, int entryBytes, String what) {
    if (entryByteSize(section) != entryBytes || byteSize(section) % entryBytes != 0) {
      throw input.malformed("%s has no entries of %d bytes".formatted(what, entryBytes));
    }
    return byteSize(section) / entryBytes;
  }

  private long header(int section) {
    return headers + (long) section * HEADER_BYTES;
  }
}
