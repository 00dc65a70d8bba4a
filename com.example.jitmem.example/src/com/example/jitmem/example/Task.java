// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A formula to evaluate.
///
/// @param title what it computes
/// @param handWritten the same computation as a Java method, where there is one
record Task(String title, Formula formula, Optional<HandWritten> handWritten) {
  /// A computation for all rows, written for HotSpot to compile.
  @FunctionalInterface
  interface HandWritten {
    void evaluate(Columns columns, MemorySegment results);
  }

  /// A formula of the user.
  ///
  /// @throws InputException if it is none
  static Task ofUser(String text) throws InputException {
    return new Task("your formula", FormulaParser.parse(text), Optional.empty());
  }
}
