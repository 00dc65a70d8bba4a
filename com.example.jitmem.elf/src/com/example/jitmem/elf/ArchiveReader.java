// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the headers of an archive in the format of System V and GNU.
final class ArchiveReader {
  private static final long MAGIC = 0x0A3E_6863_7261_3C21L;
  private static final long THIN_MAGIC = 0x0A3E_6E69_6874_3C21L;
  private static final int MAGIC_BYTES = 8;
  private static final int HEADER_BYTES = 60;
  private static final int NAME_BYTES = 16;
  private static final int SIZE_OFFSET = 48;
  private static final int SIZE_DIGITS = 10;
  private static final int END_OFFSET = 58;
  private static final int END = 0x0A60;

  private final Input input;
  private final boolean thin;
  private final List<Member> members = new ArrayList<>();
  private @Nullable ArchiveIndex index;
  private long namesStart;
  private long namesEnd;

  ArchiveReader(Input input) {
    this.input = input;
    if (input.byteSize() < MAGIC_BYTES
        || (input.int64(0) != MAGIC && input.int64(0) != THIN_MAGIC)) {
      throw input.malformed("this is no archive");
    }
    this.thin = input.int64(0) == THIN_MAGIC;
    long next = MAGIC_BYTES;
    while (next < input.byteSize()) {
      next = readMember(next);
    }
  }

  boolean isThin() {
    return thin;
  }

  List<Member> members() {
    return members;
  }

  /// The index, null if there is none.
  @Nullable ArchiveIndex index() {
    return index;
  }

  /// Reads one header and returns where the next one begins.
  private long readMember(long header) {
    input.check(header, HEADER_BYTES, "the header of a member");
    if (input.int16(header + END_OFFSET) != END) {
      throw input.malformed("the header of a member has no end");
    }
    long size = number(header + SIZE_OFFSET, header + SIZE_OFFSET + SIZE_DIGITS);
    long start = header + HEADER_BYTES;
    String name = input.text(header, header + NAME_BYTES).stripTrailing();
    boolean special = name.equals("/") || name.equals("//") || name.equals("/SYM64/");
    long inside = thin && !special ? 0 : size;
    input.check(start, inside, "member " + name);
    switch (name) {
      case "/" -> index = new ArchiveIndex(input, start, size, false);
      case "/SYM64/" -> index = new ArchiveIndex(input, start, size, true);
      case "//" -> {
        namesStart = start;
        namesEnd = start + size;
      }
      default -> members.add(new Member(memberName(name), header, start, size));
    }
    return start + inside + (inside & 1);
  }

  private String memberName(String name) {
    if (name.startsWith("#1/")) {
      throw input.notSupported("an archive in the format of BSD; write it with GNU ar");
    }
    if (!name.startsWith("/")) {
      return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }
    long at = namesStart + number(name.substring(1));
    if (at >= namesEnd) {
      throw input.malformed("a member has no name");
    }
    long end = input.find((byte) '\n', at, namesEnd);
    String longName = input.text(at, end);
    return longName.endsWith("/") ? longName.substring(0, longName.length() - 1) : longName;
  }

  private long number(long start, long end) {
    return number(input.text(start, end).stripTrailing());
  }

  private long number(String digits) {
    if (digits.isEmpty()
        || digits.length() > SIZE_DIGITS
        || !digits.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
      throw input.malformed("the header of a member has no number");
    }
    return Long.parseLong(digits);
  }
}
