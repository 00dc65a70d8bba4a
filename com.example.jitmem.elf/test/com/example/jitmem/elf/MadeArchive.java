// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// An archive that a test puts together from members, right or wrong.
final class MadeArchive {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  MadeArchive(String magic) {
    text(magic);
  }

  static MadeArchive plain() {
    return new MadeArchive("!<arch>\n");
  }

  static MadeArchive thin() {
    return new MadeArchive("!<thin>\n");
  }

  /// Adds a member whose bytes follow its header, and returns where the header begins.
  int member(String name, byte[] contents) {
    int start = header(name, Integer.toString(contents.length));
    bytes.writeBytes(contents);
    if (contents.length % 2 != 0) {
      bytes.write('\n');
    }
    return start;
  }

  /// Adds a header alone.
  int header(String name, String size) {
    int start = bytes.size();
    text("%-16s%-12s%-6s%-6s%-8s%-10s`\n".formatted(name, "0", "0", "0", "644", size));
    return start;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  Archive read() {
    return Archive.read(MemorySegment.ofArray(bytes()), "made.a");
  }

  private void text(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }
}
