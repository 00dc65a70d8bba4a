// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.util.Arrays;

/// Makes text from outside fit into one line of the log.
final class LogText {
  /// How much of a value is shown, in code points.
  private static final int MAX_SHOWN = 100;

  private static final String BIDI_MARKS = "\u061C\u200E\u200F";

  private LogText() {}

  /// Tells whether text reads as it is stored: on one line, in one direction, and with no code
  /// point that has no character.
  static boolean isPlain(String text) {
    return text.codePoints().allMatch(LogText::isPlain);
  }

  /// A value as people write it, shortened, strings in quotation marks.
  static String shown(Object value) {
    if (value instanceof String text) {
      return '"' + abbreviate(text) + '"';
    }
    return abbreviate(
        value.getClass().isArray()
            ? Arrays.deepToString(new Object[] {value})
            : String.valueOf(value));
  }

  /// Text without quotation marks, shortened, on one line.
  static String abbreviate(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(MAX_SHOWN)
        .forEach(codePoint -> shown.appendCodePoint(isPlain(codePoint) ? codePoint : '?'));
    return text.codePointCount(0, text.length()) <= MAX_SHOWN
        ? shown.toString()
        : shown.append("...").toString();
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> !isBidiControl(codePoint);
    };
  }

  private static boolean isBidiControl(int codePoint) {
    return BIDI_MARKS.indexOf(codePoint) >= 0
        || (codePoint >= 0x202A && codePoint <= 0x202E)
        || (codePoint >= 0x2066 && codePoint <= 0x2069);
  }
}
