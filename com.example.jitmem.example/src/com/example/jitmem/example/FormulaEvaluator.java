// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import com.example.jitmem.example.Expression.Binary;
import com.example.jitmem.example.Expression.Column;
import com.example.jitmem.example.Expression.Constant;
import com.example.jitmem.example.Expression.Unary;
import java.lang.foreign.MemorySegment;

/// Evaluates formulas in plain Java, by walking their trees. It says what machine code has to
/// compute.
final class FormulaEvaluator {
  private FormulaEvaluator() {}

  /// Evaluates a formula for all rows.
  static void evaluate(Formula formula, Columns columns, MemorySegment results) {
    for (long row = 0; row < columns.rowCount(); row++) {
      results.setAtIndex(JAVA_DOUBLE, row, evaluate(formula.root(), columns, row));
    }
  }

  private static double evaluate(Expression expression, Columns columns, long row) {
    return switch (expression) {
      case Constant(double value) -> value;
      case Column(int index) -> columns.value(index, row);
      case Unary unary -> {
        double operand = evaluate(unary.operand(), columns, row);
        yield switch (unary.operator()) {
          case NEGATE -> -operand;
          case ABS -> Math.abs(operand);
          case SQRT -> Math.sqrt(operand);
        };
      }
      case Binary binary -> {
        double left = evaluate(binary.left(), columns, row);
        double right = evaluate(binary.right(), columns, row);
        yield switch (binary.operator()) {
          case ADD -> left + right;
          case SUBTRACT -> left - right;
          case MULTIPLY -> left * right;
          case DIVIDE -> left / right;
          case MIN -> Math.min(left, right);
          case MAX -> Math.max(left, right);
        };
      }
    };
  }
}
