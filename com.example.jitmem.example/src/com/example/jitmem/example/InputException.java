// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.io.Serial;
import java.nio.file.Path;

/// An input of the user is wrong. The message is one line that says what and where.
final class InputException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private static final int MAX_QUOTED_LENGTH = 60;

  InputException(String message) {
    super(message);
  }

  InputException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Text of the user as it is shown in a message: in quotes, on one line, and shortened.
  static String quote(String text) {
    boolean fits = text.length() <= MAX_QUOTED_LENGTH;
    return onOneLine(fits ? text : text.substring(0, MAX_QUOTED_LENGTH) + "…");
  }

  /// The name of a file as it is shown in a message: in quotes and on one line.
  static String quote(Path file) {
    return onOneLine(file.toString());
  }

  private static String onOneLine(String text) {
    return '"' + text.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
