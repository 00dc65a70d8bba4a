// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.DoubleSummaryStatistics;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/// What came out of a formula that was evaluated as machine code and in plain Java.
///
/// @param results one double per row, computed by the machine code
/// @param differences the number of rows in which plain Java computes another value
/// @param codeNanos the time of a row in the machine code
/// @param interpretedNanos the time of a row when plain Java walks the formula's tree
/// @param handWrittenNanos the time of a row in hand-written Java, where there is one
record Evaluation(
    Task task,
    CompiledFormula code,
    MemorySegment results,
    long rowCount,
    long differences,
    double codeNanos,
    double interpretedNanos,
    OptionalDouble handWrittenNanos) {

  /// Evaluates a formula in all ways, compares the results and takes the times.
  ///
  /// @param columns the columns of the formula
  /// @param arena where results go
  static Evaluation of(Task task, CompiledFormula code, Columns columns, Arena arena) {
    long rows = columns.rowCount();
    MemorySegment results = arena.allocate(JAVA_DOUBLE, rows);
    MemorySegment expected = arena.allocate(JAVA_DOUBLE, rows);
    code.evaluate(columns, results);
    FormulaEvaluator.evaluate(task.formula(), columns, expected);
    long differences = differences(results, expected, rows);

    Runnable interpret = () -> FormulaEvaluator.evaluate(task.formula(), columns, expected);
    double codeNanos = RowTimer.medianNanosPerRow(rows, () -> code.evaluate(columns, results));
    double interpretedNanos = RowTimer.medianNanosPerRow(rows, interpret);
    OptionalDouble handWrittenNanos = OptionalDouble.empty();
    if (task.handWritten().isPresent()) {
      Task.HandWritten method = task.handWritten().get();
      method.evaluate(columns, expected);
      differences = Math.max(differences, differences(results, expected, rows));
      Runnable call = () -> method.evaluate(columns, expected);
      handWrittenNanos = OptionalDouble.of(RowTimer.medianNanosPerRow(rows, call));
    }
    return new Evaluation(
        task, code, results, rows, differences, codeNanos, interpretedNanos, handWrittenNanos);
  }

  /// The results of the first rows.
  DoubleStream firstResults(int count) {
    return LongStream.range(0, Math.min(count, rowCount))
        .mapToDouble(row -> results.getAtIndex(JAVA_DOUBLE, row));
  }

  /// Sum and extremes of the results; all are NaN if one result is.
  DoubleSummaryStatistics summary() {
    return LongStream.range(0, rowCount)
        .mapToDouble(row -> results.getAtIndex(JAVA_DOUBLE, row))
        .summaryStatistics();
  }

  /// Compares bit for bit, so that −0.0 differs from 0.0. All NaN count as one value, as they do in
  /// Java, where their bits depend on what compiled the method.
  private static long differences(MemorySegment results, MemorySegment expected, long rows) {
    return LongStream.range(0, rows)
        .filter(
            row ->
                Double.doubleToLongBits(results.getAtIndex(JAVA_DOUBLE, row))
                    != Double.doubleToLongBits(expected.getAtIndex(JAVA_DOUBLE, row)))
        .count();
  }
}
