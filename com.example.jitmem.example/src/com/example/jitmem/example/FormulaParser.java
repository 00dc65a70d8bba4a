// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.example.Expression.Binary;
import com.example.jitmem.example.Expression.BinaryOperator;
import com.example.jitmem.example.Expression.Column;
import com.example.jitmem.example.Expression.Constant;
import com.example.jitmem.example.Expression.Unary;
import com.example.jitmem.example.Expression.UnaryOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads formulas, by recursive descent:
///
/// ```
/// sum     = product { ("+" | "-") product }
/// product = factor { ("*" | "/") factor }
/// factor  = "-" factor | "(" sum ")" | number | column | function "(" sum { "," sum } ")"
/// ```
///
/// Functions are `min` and `max` of two values, `sqrt` and `abs` of one. A name is a function when
/// a parenthesis follows it, and a column otherwise.
final class FormulaParser {
  /// How high a tree may grow and how deep parentheses may nest. Whatever walks a tree does so by
  /// recursion, and this many levels fit into a stack of the usual size.
  static final int MAX_HEIGHT = 250;

  /// The operators between two operands; those of a later level bind tighter.
  private static final List<Map<Character, BinaryOperator>> OPERATORS =
      List.of(
          Map.of('+', BinaryOperator.ADD, '-', BinaryOperator.SUBTRACT),
          Map.of('*', BinaryOperator.MULTIPLY, '/', BinaryOperator.DIVIDE));

  private final String text;
  private final List<String> columns = new ArrayList<>();
  private int next;
  private int depth;

  private FormulaParser(String text) {
    this.text = text;
  }

  /// Reads a formula.
  ///
  /// @throws InputException if it is none, with the position of the first character that is wrong
  static Formula parse(String text) throws InputException {
    var parser = new FormulaParser(text);
    Expression root = parser.sum();
    parser.skipBlanks();
    if (parser.next < text.length()) {
      throw parser.expected("an operator");
    }
    return new Formula(text, root, parser.columns);
  }

  private Expression sum() throws InputException {
    return operation(0);
  }

  private Expression operation(int level) throws InputException {
    if (level == OPERATORS.size()) {
      return factor();
    }
    Expression left = operation(level + 1);
    while (true) {
      BinaryOperator operator = OPERATORS.get(level).get(peek());
      if (operator == null) {
        return left;
      }
      int position = next++;
      left = limited(new Binary(operator, left, operation(level + 1)), position);
    }
  }

  private Expression factor() throws InputException {
    char first = peek();
    int position = next;
    if (++depth > MAX_HEIGHT) {
      throw tooDeep(position);
    }
    Expression factor;
    if (first == '-') {
      next++;
      factor = limited(new Unary(UnaryOperator.NEGATE, factor()), position);
    } else if (first == '(') {
      next++;
      factor = sum();
      expect(')');
    } else if (isDigit(first) || first == '.') {
      factor = number();
    } else if (Character.isLetter(first) || first == '_') {
      factor = columnOrFunction();
    } else {
      throw expected("a number, a column, a function or (");
    }
    depth--;
    return factor;
  }

  private Expression number() throws InputException {
    int start = next;
    int digits = skipDigits();
    if (at(next) == '.') {
      next++;
      digits += skipDigits();
    }
    if (digits == 0) {
      throw expected("a digit");
    }
    if (at(next) == 'e' || at(next) == 'E') {
      next++;
      if (at(next) == '+' || at(next) == '-') {
        next++;
      }
      if (skipDigits() == 0) {
        throw expected("a digit");
      }
    }
    double value = Double.parseDouble(text.substring(start, next));
    if (Double.isInfinite(value)) {
      throw error(start, InputException.quote(text.substring(start, next)) + " is too large");
    }
    return new Constant(value);
  }

  private Expression columnOrFunction() throws InputException {
    int start = next;
    while (Character.isLetterOrDigit(at(next)) || at(next) == '_') {
      next++;
    }
    String name = text.substring(start, next);
    if (peek() != '(') {
      return column(name);
    }
    next++;
    Expression function =
        switch (name) {
          case "abs" -> new Unary(UnaryOperator.ABS, sum());
          case "sqrt" -> new Unary(UnaryOperator.SQRT, sum());
          case "min" -> new Binary(BinaryOperator.MIN, sum(), second());
          case "max" -> new Binary(BinaryOperator.MAX, sum(), second());
          default ->
              throw error(
                  start,
                  "there is no function %s; there are abs, max, min, sqrt"
                      .formatted(InputException.quote(name)));
        };
    expect(')');
    return limited(function, start);
  }

  private Expression second() throws InputException {
    expect(',');
    return sum();
  }

  private Column column(String name) {
    int index = columns.indexOf(name);
    if (index < 0) {
      index = columns.size();
      columns.add(name);
    }
    return new Column(index);
  }

  private Expression limited(Expression expression, int position) throws InputException {
    if (expression.height() > MAX_HEIGHT) {
      throw tooDeep(position);
    }
    return expression;
  }

  private void expect(char character) throws InputException {
    if (peek() != character) {
      throw expected(String.valueOf(character));
    }
    next++;
  }

  private int skipDigits() {
    int start = next;
    while (isDigit(at(next))) {
      next++;
    }
    return next - start;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  /// Skips white space and looks at the next character.
  private char peek() {
    skipBlanks();
    return at(next);
  }

  private void skipBlanks() {
    while (Character.isWhitespace(at(next))) {
      next++;
    }
  }

  /// Looks at a character; behind the last one there are zeros, which no formula contains.
  private char at(int position) {
    return position < text.length() ? text.charAt(position) : '\0';
  }

  private InputException expected(String what) {
    String found = "the formula ends";
    if (next < text.length()) {
      found = "found " + InputException.quote(Character.toString(text.codePointAt(next)));
    }
    return error(next, "expected %s but %s".formatted(what, found));
  }

  private InputException tooDeep(int position) {
    return error(position, "nested more than %d levels deep".formatted(MAX_HEIGHT));
  }

  private InputException error(int position, String message) {
    return new InputException(
        "formula %s, position %d: %s"
            .formatted(InputException.quote(text), text.codePointCount(0, position) + 1, message));
  }
}
