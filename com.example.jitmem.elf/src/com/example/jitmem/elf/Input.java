// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The bytes of a file that is not trusted. A range is checked before it is read.
final class Input {
  /// The largest file whose offsets and section numbers fit into one number together.
  private static final long MAX_BYTE_SIZE = 1L << 40;

  /// How many bytes all names together may have for each byte of input. Names may share their ends
  /// in a file; without a limit, sharing could make a small file large.
  private static final int NAME_BYTES_PER_BYTE = 2;

  private static final char NOT_UTF_8 = '\uFFFD';

  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(BIG_ENDIAN);

  private final MemorySegment bytes;
  private final String name;
  private long nameBytesLeft;

  Input(MemorySegment bytes, String name) {
    this.bytes = bytes;
    this.name = name;
    this.nameBytesLeft = bytes.byteSize() * NAME_BYTES_PER_BYTE;
    if (bytes.byteSize() >= MAX_BYTE_SIZE) {
      throw notSupported("the file is larger than 1 TiB");
    }
  }

  /// Reads a file, which has to fit into an array.
  static Input of(Path file) throws IOException {
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE - 8) {
      throw new LinkException(
          Reason.NOT_SUPPORTED,
          file.toString(),
          file + ": a file of %,d bytes is too large".formatted(size));
    }
    return new Input(MemorySegment.ofArray(Files.readAllBytes(file)), file.toString());
  }

  /// What the file is called in messages.
  String name() {
    return name;
  }

  long byteSize() {
    return bytes.byteSize();
  }

  /// A part as an input of its own.
  Input part(long offset, long byteSize, String partName) {
    return new Input(slice(offset, byteSize), partName);
  }

  MemorySegment slice(long offset, long byteSize) {
    return bytes.asSlice(offset, byteSize);
  }

  /// Refuses a range that is not inside the file.
  void check(long offset, long byteSize, String what) {
    if (offset < 0 || byteSize < 0 || offset > byteSize() - byteSize) {
      throw malformed(what + " is outside the file");
    }
  }

  int int8(long offset) {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, offset));
  }

  int int16(long offset) {
    return Short.toUnsignedInt(bytes.get(INT16, offset));
  }

  int int32(long offset) {
    return bytes.get(INT32, offset);
  }

  long unsigned32(long offset) {
    return Integer.toUnsignedLong(bytes.get(INT32, offset));
  }

  long int64(long offset) {
    return bytes.get(INT64, offset);
  }

  long bigUnsigned32(long offset) {
    return Integer.toUnsignedLong(bytes.get(BIG_INT32, offset));
  }

  long bigInt64(long offset) {
    return bytes.get(BIG_INT64, offset);
  }

  /// The text from an offset to an end that lies in the file.
  String text(long start, long end) {
    long length = end - start;
    nameBytesLeft -= length;
    if (nameBytesLeft < 0) {
      throw malformed("names overlap");
    }
    byte[] chars = bytes.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(chars, StandardCharsets.UTF_8);
    if (text.indexOf(NOT_UTF_8) >= 0) {
      throw malformed("a name is not UTF-8");
    }
    return text;
  }

  /// A text that is compared and not kept.
  String candidate(long start, long end) {
    byte[] chars = bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    return new String(chars, StandardCharsets.UTF_8);
  }

  /// Where a byte is next, or the end if it is not there.
  long find(byte wanted, long start, long end) {
    long at = start;
    while (at < end && bytes.get(ValueLayout.JAVA_BYTE, at) != wanted) {
      at++;
    }
    return at;
  }

  LinkException malformed(String problem) {
    return error(Reason.MALFORMED, problem);
  }

  LinkException notSupported(String problem) {
    return error(Reason.NOT_SUPPORTED, problem);
  }

  LinkException error(Reason reason, String problem) {
    return new LinkException(reason, name, name + ": " + problem);
  }

  LinkException error(Reason reason, String section, String symbol, String problem) {
    return new LinkException(reason, name, section, symbol, name + ": " + problem);
  }
}
