// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.io.Serial;

/// Something the user gave is wrong. The message is one line that says what and where.
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
    String shown = fits ? text : text.substring(0, MAX_QUOTED_LENGTH) + "…";
    return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
