// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.example.Expression.Binary;
import com.example.jitmem.example.Expression.BinaryOperator;
import com.example.jitmem.example.Expression.Column;
import com.example.jitmem.example.Expression.Constant;
import com.example.jitmem.example.Expression.Unary;
import com.example.jitmem.example.Expression.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormulaParserTest {
  @Test
  void multiplicationBindsTighterThanAddition() throws InputException {
    assertThat(root("1 + 2 * 3"))
        .isEqualTo(
            new Binary(
                BinaryOperator.ADD,
                new Constant(1),
                new Binary(BinaryOperator.MULTIPLY, new Constant(2), new Constant(3))));
  }

  @Test
  void operatorsOfOneKindGoFromLeftToRight() throws InputException {
    assertThat(root("1 - 2 + 3"))
        .isEqualTo(
            new Binary(
                BinaryOperator.ADD,
                new Binary(BinaryOperator.SUBTRACT, new Constant(1), new Constant(2)),
                new Constant(3)));
    assertThat(root("1 / 2 * 3"))
        .isEqualTo(
            new Binary(
                BinaryOperator.MULTIPLY,
                new Binary(BinaryOperator.DIVIDE, new Constant(1), new Constant(2)),
                new Constant(3)));
  }

  @Test
  void parenthesesAndMinusSignsGroup() throws InputException {
    assertThat(root("-(a - 1) * -2"))
        .isEqualTo(
            new Binary(
                BinaryOperator.MULTIPLY,
                new Unary(
                    UnaryOperator.NEGATE,
                    new Binary(BinaryOperator.SUBTRACT, new Column(0), new Constant(1))),
                new Unary(UnaryOperator.NEGATE, new Constant(2))));
  }

  @Test
  void columnsAreNumberedInTheOrderOfTheirFirstUse() throws InputException {
    Formula formula = FormulaParser.parse("max(b, a) + min(b, _c1) - abs(sqrt)");
    assertThat(formula.columns()).containsExactly("b", "a", "_c1", "sqrt");
    assertThat(formula.root())
        .isEqualTo(
            new Binary(
                BinaryOperator.SUBTRACT,
                new Binary(
                    BinaryOperator.ADD,
                    new Binary(BinaryOperator.MAX, new Column(0), new Column(1)),
                    new Binary(BinaryOperator.MIN, new Column(0), new Column(2))),
                new Unary(UnaryOperator.ABS, new Column(3))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10", "1.5", ".5", "2.", "1e3", "1.25E-3", "4.9e-324", "1e+10"})
  void numbersMeanWhatTheyMeanInJava(String number) throws InputException {
    assertThat(root(number)).isEqualTo(new Constant(Double.parseDouble(number)));
    assertThat(root(" ( " + number + "\t) ")).isEqualTo(new Constant(Double.parseDouble(number)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "''            | 1 | expected a number, a column, a function or ( but the formula ends",
        "'  '          | 3 | expected a number, a column, a function or ( but the formula ends",
        "'1 +'         | 4 | expected a number, a column, a function or ( but the formula ends",
        "'1 + * 2'     | 5 | expected a number, a column, a function or ( but found \"*\"",
        "'+1'          | 1 | expected a number, a column, a function or ( but found \"+\"",
        "'(1'          | 3 | expected ) but the formula ends",
        "'(1 2)'       | 4 | expected ) but found \"2\"",
        "'1 2'         | 3 | expected an operator but found \"2\"",
        "'1)'          | 2 | expected an operator but found \")\"",
        "'a b'         | 3 | expected an operator but found \"b\"",
        "'max(1)'      | 6 | expected , but found \")\"",
        "'max(1, 2, 3)'| 9 | expected ) but found \",\"",
        "'sqrt(1, 2)'  | 7 | expected ) but found \",\"",
        "'abs()'       | 5 | expected a number, a column, a function or ( but found \")\"",
        "'1 + pow(2,3)'| 5 | there is no function \"pow\"; there are abs, max, min, sqrt",
        "'.'           | 2 | expected a digit but the formula ends",
        "'1e'          | 3 | expected a digit but the formula ends",
        "'1e+x'        | 4 | expected a digit but found \"x\"",
        "'2 * 1e999'   | 5 | \"1e999\" is too large",
        "'a # b'       | 3 | expected an operator but found \"#\"",
        "'a \uD83C\uDF27 #'   | 3 | expected an operator but found \"\uD83C\uDF27\"",
        "'1 + \uD83C\uDF27'   | 5 | "
            + "expected a number, a column, a function or ( but found \"\uD83C\uDF27\"",
      })
  void errorsNameThePosition(String text, int position, String message) {
    assertThatThrownBy(() -> FormulaParser.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessage("formula \"%s\", position %d: %s", text, position, message);
  }

  @Test
  void messagesAreOneLineAndShort() {
    assertThatThrownBy(() -> FormulaParser.parse("a\n+".repeat(100)))
        .isInstanceOf(InputException.class)
        .hasMessageNotContaining("\n")
        .message()
        .hasSizeLessThan(200);
  }

  @Test
  void aZeroCharacterIsNotTheEnd() {
    assertThatThrownBy(() -> FormulaParser.parse("a\0"))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("position 2: expected an operator but found \"?\"");
  }

  @Test
  void nestingIsLimitedAndTheErrorNamesThePosition() throws InputException {
    int most = FormulaParser.MAX_HEIGHT;
    assertThat(root("(".repeat(most - 1) + "1" + ")".repeat(most - 1))).isEqualTo(new Constant(1));
    assertThat(root("-".repeat(most - 1) + "1").height()).isEqualTo(most);
    assertThat(root("1" + "+1".repeat(most - 1)).height()).isEqualTo(most);

    assertTooDeep("(".repeat(most) + "1" + ")".repeat(most), most + 1);
    assertTooDeep("-".repeat(100_000) + "1", most + 1);
    assertTooDeep("(".repeat(100_000), most + 1);
    assertTooDeep("abs(".repeat(100_000), 4 * most + 1);
    assertTooDeep("1" + "*1".repeat(100_000), 2 * most);
    assertTooDeep("1" + "+1".repeat(100_000), 2 * most);
  }

  private static void assertTooDeep(String text, int position) {
    assertThatThrownBy(() -> FormulaParser.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("position %d: nested more than 250 levels deep".formatted(position));
  }

  private static Expression root(String text) throws InputException {
    return FormulaParser.parse(text).root();
  }
}
