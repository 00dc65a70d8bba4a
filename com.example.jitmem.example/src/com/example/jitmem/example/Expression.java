// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

/// A formula as a tree. All values are `double`, and every operation means what it means in Java.
sealed interface Expression {
  /// An operation on one value.
  enum UnaryOperator {
    NEGATE,
    ABS,
    SQRT
  }

  /// An operation on two values. `MIN` and `MAX` are [Math#min(double, double)] and
  /// [Math#max(double, double)].
  enum BinaryOperator {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    MIN,
    MAX
  }

  /// A number of the formula.
  record Constant(double value) implements Expression {}

  /// The value that a column has in the row.
  ///
  /// @param index the position of the column in [Formula#columns()]
  record Column(int index) implements Expression {}

  /// An operation on one value.
  record Unary(UnaryOperator operator, Expression operand) implements Expression {}

  /// An operation on two values.
  record Binary(BinaryOperator operator, Expression left, Expression right) implements Expression {}

  /// The number of nodes on the longest way from here to a constant or column, both included.
  default int height() {
    return switch (this) {
      case Constant _, Column _ -> 1;
      case Unary(_, Expression operand) -> 1 + operand.height();
      case Binary(_, Expression left, Expression right) ->
          1 + Math.max(left.height(), right.height());
    };
  }
}
