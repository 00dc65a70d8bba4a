// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads a text file of the kernel line by line into one buffer: a process may have tens of
/// thousands of mappings, and an object for each line of their list would be a burden to the heap.
///
/// The object stands for the line it is at. For one thread.
final class KernelLines {
  private static final int BUFFER_SIZE = 32 * 1024;

  private byte[] buffer = new byte[BUFFER_SIZE];
  private int start;
  private int end;
  private int position;

  private KernelLines() {}

  /// What is done with each line.
  @FunctionalInterface
  interface Visitor {
    /// Looks at a line.
    ///
    /// @param line the line, until this method returns
    void visit(KernelLines line);
  }

  /// Visits all lines of a file.
  ///
  /// @throws IOException if it cannot be read
  static void forEach(Path file, Visitor visitor) throws IOException {
    KernelLines lines = new KernelLines();
    try (InputStream input = Files.newInputStream(file)) {
      int kept = 0;
      for (int count = lines.read(input, kept); count > 0; count = lines.read(input, kept)) {
        kept = lines.visitLines(kept + count, visitor);
      }
      lines.visitRest(kept, visitor);
    }
  }

  /// Reads behind what is kept. A line longer than the buffer makes it grow.
  private int read(InputStream input, int kept) throws IOException {
    if (kept == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    return input.read(buffer, kept, buffer.length - kept);
  }

  /// Visits the lines that are complete, and moves the rest to the front.
  ///
  /// @return the length of the rest
  private int visitLines(int filled, Visitor visitor) {
    int next = 0;
    for (int i = 0; i < filled; i++) {
      if (buffer[i] == '\n') {
        visit(next, i, visitor);
        next = i + 1;
      }
    }
    System.arraycopy(buffer, next, buffer, 0, filled - next);
    return filled - next;
  }

  private void visitRest(int length, Visitor visitor) {
    if (length > 0) {
      visit(0, length, visitor);
    }
  }

  private void visit(int lineStart, int lineEnd, Visitor visitor) {
    start = lineStart;
    position = lineStart;
    end = lineEnd;
    visitor.visit(this);
  }

  /// Whether the line begins with a text.
  boolean startsWith(byte[] text) {
    return end - start >= text.length
        && Arrays.equals(buffer, start, start + text.length, text, 0, text.length);
  }

  /// Whether the line ends with a text.
  boolean endsWith(byte[] text) {
    return end - start >= text.length
        && Arrays.equals(buffer, end - text.length, end, text, 0, text.length);
  }

  /// A text to compare with.
  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Reads a number at the position in the line, which is at its start first, and moves behind the
  /// character that follows the number. Blanks before the number are skipped.
  ///
  /// @param radix 10 or 16
  /// @return the number, unsigned
  /// @throws NumberFormatException if there is none
  long number(int radix) {
    while (position < end && buffer[position] == ' ') {
      position++;
    }
    int first = position;
    long value = 0;
    while (position < end && Character.digit(buffer[position], radix) >= 0) {
      value = value * radix + Character.digit(buffer[position], radix);
      position++;
    }
    if (position == first) {
      throw new NumberFormatException("No number in the line: " + this);
    }
    position++;
    return value;
  }

  /// Moves the position to behind the start of the line.
  void skip(int length) {
    position = Math.min(start + length, end);
  }

  /// Whether the line begins as one of a mapping does, with two addresses.
  boolean isMapping() {
    int at = start;
    while (at < end && Character.digit(buffer[at], 16) >= 0) {
      at++;
    }
    return at > start && at < end && buffer[at] == '-';
  }

  @Override
  public String toString() {
    return new String(buffer, start, end - start, StandardCharsets.US_ASCII);
  }
}
