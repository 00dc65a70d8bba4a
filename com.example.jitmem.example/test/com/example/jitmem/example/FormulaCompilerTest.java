// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compares machine code with plain Java, bit for bit; all NaN count as one value.
class FormulaCompilerTest {
  private static final double[] SPECIAL_VALUES = {
    0.0,
    -0.0,
    1,
    -1,
    1.5,
    -2.5,
    Double.NaN,
    Double.longBitsToDouble(0xFFF8_0000_0000_0001L),
    Double.longBitsToDouble(0x7FF0_0000_0000_0001L),
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MIN_NORMAL,
    -Double.MIN_NORMAL,
    Math.nextDown(Double.MIN_NORMAL),
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Math.nextUp(1.0),
    0.1,
    1e300,
    -1e-300,
  };

  private final OwnedJitAllocator allocator = PlainJvm.allocator();
  private final JitRuntime runtime = PlainJvm.runtime(allocator);
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void nothingIsLeft() {
    arena.close();
    assertThat(allocator.statistics().spanCount()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "-a",
        "abs(a)",
        "sqrt(a)",
        "a + b",
        "a - b",
        "a * b",
        "a / b",
        "min(a, b)",
        "max(a, b)",
        "0 - a",
        "min(a, a)",
        "max(a, a)",
        "min(a, 0)",
        "max(0, a)",
        "min(-0, a)",
        "max(a, -0)",
        "-min(a, -b)",
        "max(min(a, b), b)",
        "sqrt(-a)",
        "1 / (0 * a)",
        "-abs(-a)",
      })
  void specialValuesGiveWhatTheyGiveInJava(String text) throws Exception {
    int count = SPECIAL_VALUES.length;
    double[] a = new double[count * count];
    double[] b = new double[count * count];
    for (int i = 0; i < a.length; i++) {
      a[i] = SPECIAL_VALUES[i / count];
      b[i] = SPECIAL_VALUES[i % count];
    }
    Formula formula = FormulaParser.parse(text);
    double[][] columns = formula.columns().size() == 1 ? new double[][] {a} : new double[][] {a, b};
    assertSame(formula, columns);
  }

  @Test
  void javaItselfAgreesOnZerosAndNaN() throws Exception {
    double[] a = {-0.0, 0.0, Double.NaN, 1};
    double[] b = {0.0, -0.0, 1, Double.NaN};
    assertThat(run(FormulaParser.parse("min(a, b)"), a, b))
        .containsExactly(-0.0, -0.0, Double.NaN, Double.NaN);
    assertThat(run(FormulaParser.parse("max(a, b)"), a, b))
        .containsExactly(0.0, 0.0, Double.NaN, Double.NaN);
    assertThat(run(FormulaParser.parse("-a"), b)).containsExactly(-0.0, 0.0, -1, Double.NaN);
    assertThat(run(FormulaParser.parse("0 - a"), b)).containsExactly(0.0, 0.0, -1, Double.NaN);
  }

  @Test
  void randomFormulasGiveWhatTheyGiveInJava() throws Exception {
    long seed = new Random().nextLong();
    for (int i = 0; i < 200; i++) {
      // One arena for many functions: closing one is what takes the time
      try (CodeGroup group = allocator.openGroup()) {
        for (int k = 0; k < 100; k++) {
          assertRandomFormula(seed + 100L * i + k, group.arena());
        }
      }
    }
  }

  private void assertRandomFormula(long seed, Arena codeArena) throws Exception {
    Random random = new Random(seed);
    Formula formula = FormulaParser.parse(randomText(random, 1 + random.nextInt(20)));
    try (Arena data = Arena.ofConfined()) {
      Columns columns =
          randomColumns(formula.columns().size(), 1 + random.nextInt(20), random, data);
      CompiledFormula code = CompiledFormula.place(formula, runtime, codeArena);
      assertSame("seed " + seed, formula, code, columns, data);
    }
  }

  @Test
  void operandsThatDoNotFitInRegistersWaitOnTheStack() throws Exception {
    Random random = new Random(1);
    for (int height = 2; height <= FormulaParser.MAX_HEIGHT; height += height < 40 ? 1 : 35) {
      String opened = "";
      for (int i = 1; i < height; i++) {
        opened += randomLeaf(random) + "+-*/".charAt(random.nextInt(4)) + "(";
      }
      assertSameOnRandomRows(opened + "c0" + ")".repeat(height - 1), random);
    }
  }

  @Test
  void bothOperandsMayNeedTheStack() throws Exception {
    String deep = "c0";
    for (int i = 1; i < 40; i++) {
      deep = "(c%d - %s)".formatted(i % 5, deep);
    }
    assertSameOnRandomRows("max(%s, c1 + %s)".formatted(deep, deep), new Random(2));
    assertSameOnRandomRows(
        "c3 / (1 + (min(c2, %s) - (2 - %s)))".formatted(deep, deep), new Random(3));
  }

  @Test
  void thereMayBeMoreColumnsThanRegisters() throws Exception {
    String sum = "c0";
    for (int i = 1; i < 100; i++) {
      sum += " - c" + i;
    }
    assertSameOnRandomRows(sum, new Random(4));
  }

  @Test
  void aFormulaNeedsNoColumns() throws Exception {
    assertThat(run(FormulaParser.parse("1 / 3 - 2"))).containsExactly(1.0 / 3 - 2);
  }

  @Test
  void everyRowIsWrittenAndNoOther() throws Exception {
    Formula formula = FormulaParser.parse("a + 1");
    try (CodeGroup group = allocator.openGroup()) {
      CompiledFormula code = CompiledFormula.place(formula, runtime, group.arena());
      for (int rows : new int[] {0, 1, 2, 7, 1461}) {
        double[] values = IntStream.range(0, rows).asDoubleStream().toArray();
        MemorySegment results = arena.allocate(JAVA_DOUBLE, 1500);
        results.fill((byte) 0x55);
        code.evaluate(columns(arena, rows, values), results);
        assertThat(results.asSlice(0, 8L * rows).toArray(JAVA_DOUBLE))
            .isEqualTo(Arrays.stream(values).map(value -> value + 1).toArray());
        assertThat(results.asSlice(8L * rows).toArray(JAVA_BYTE)).containsOnly(0x55);
      }
    }
  }

  @Test
  void memoryThatDoesNotFitIsRefused() throws Exception {
    Formula formula = FormulaParser.parse("a + b");
    MemorySegment results = arena.allocate(JAVA_DOUBLE, 2);
    double[] three = new double[3];
    double[] two = new double[2];
    try (CodeGroup group = allocator.openGroup()) {
      CompiledFormula code = CompiledFormula.place(formula, runtime, group.arena());
      assertThatThrownBy(() -> code.evaluate(columns(arena, 3, three, three), results))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> code.evaluate(columns(arena, 2, two), results))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> columns(arena, 3, two)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Columns.of(List.of(MemorySegment.ofArray(new double[3])), 3, arena))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void codeOfAClosedGroupCannotBeCalled() throws Exception {
    Formula formula = FormulaParser.parse("1");
    CompiledFormula code;
    try (CodeGroup group = allocator.openGroup()) {
      code = CompiledFormula.place(formula, runtime, group.arena());
    }
    Columns columns = columns(arena, 1);
    MemorySegment results = arena.allocate(JAVA_DOUBLE, 1);
    assertThatThrownBy(() -> code.evaluate(columns, results))
        .isInstanceOf(IllegalStateException.class);
  }

  private void assertSameOnRandomRows(String text, Random random) throws Exception {
    Formula formula = FormulaParser.parse(text);
    try (CodeGroup group = allocator.openGroup()) {
      Columns columns = randomColumns(formula.columns().size(), 50, random, arena);
      assertSame(
          text, formula, CompiledFormula.place(formula, runtime, group.arena()), columns, arena);
    }
  }

  private void assertSame(Formula formula, double[]... columns) throws Exception {
    try (CodeGroup group = allocator.openGroup()) {
      CompiledFormula code = CompiledFormula.place(formula, runtime, group.arena());
      assertSame("", formula, code, columns(arena, columns[0].length, columns), arena);
    }
  }

  private static void assertSame(
      String hint, Formula formula, CompiledFormula code, Columns columns, Arena data) {
    MemorySegment results = data.allocate(JAVA_DOUBLE, columns.rowCount());
    MemorySegment expected = data.allocate(JAVA_DOUBLE, columns.rowCount());
    code.evaluate(columns, results);
    FormulaEvaluator.evaluate(formula, columns, expected);
    for (long row = 0; row < columns.rowCount(); row++) {
      long result = Double.doubleToLongBits(results.getAtIndex(JAVA_DOUBLE, row));
      if (result != Double.doubleToLongBits(expected.getAtIndex(JAVA_DOUBLE, row))) {
        fail(
            "%s: %s of %s is %s in Java, not %s",
            hint,
            formula.text(),
            row(columns, row),
            expected.getAtIndex(JAVA_DOUBLE, row),
            results.getAtIndex(JAVA_DOUBLE, row));
      }
    }
  }

  private static List<Double> row(Columns columns, long row) {
    return IntStream.range(0, columns.values().size())
        .mapToObj(column -> columns.value(column, row))
        .toList();
  }

  private double[] run(Formula formula, double[]... columns) throws Exception {
    try (CodeGroup group = allocator.openGroup()) {
      CompiledFormula code = CompiledFormula.place(formula, runtime, group.arena());
      int rows = columns.length == 0 ? 1 : columns[0].length;
      MemorySegment results = arena.allocate(JAVA_DOUBLE, rows);
      code.evaluate(columns(arena, rows, columns), results);
      return results.toArray(JAVA_DOUBLE);
    }
  }

  private static Columns columns(Arena data, int rows, double[]... columns) {
    List<MemorySegment> segments =
        Arrays.stream(columns).map(column -> data.allocateFrom(JAVA_DOUBLE, column)).toList();
    return Columns.of(segments, rows, data);
  }

  private static Columns randomColumns(int count, int rows, Random random, Arena data) {
    double[][] columns = new double[count][rows];
    for (double[] column : columns) {
      Arrays.setAll(column, _ -> randomValue(random));
    }
    return columns(data, rows, columns);
  }

  private static double randomValue(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> SPECIAL_VALUES[random.nextInt(SPECIAL_VALUES.length)];
      case 1 -> Double.longBitsToDouble(random.nextLong());
      default -> random.nextGaussian() * 100;
    };
  }

  /// A formula in which right operands are higher than left ones more often than not, as those need
  /// the most registers.
  private static String randomText(Random random, int height) {
    if (height == 1) {
      return randomLeaf(random);
    }
    int operator = random.nextInt(9);
    String left = randomText(random, random.nextInt(4) == 0 ? 1 + random.nextInt(height - 1) : 1);
    String right = randomText(random, height - 1);
    return switch (operator) {
      case 0 -> "-" + right;
      case 1 -> "abs(" + right + ")";
      case 2 -> "sqrt(" + right + ")";
      case 3 -> "min(" + left + ", " + right + ")";
      case 4 -> "max(" + left + ", " + right + ")";
      default -> "(" + left + " " + "+-*/".charAt(operator - 5) + " " + right + ")";
    };
  }

  private static String randomLeaf(Random random) {
    return random.nextInt(4) == 0
        ? Double.toString(Math.abs(random.nextGaussian()))
        : "c" + random.nextInt(6);
  }
}
