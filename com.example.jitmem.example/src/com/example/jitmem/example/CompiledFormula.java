// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// A formula as machine code that can be called. It ends with the arena it was placed with.
final class CompiledFormula {
  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG);

  private final MethodHandle handle;
  private final MemorySegment code;
  private final int codeSize;
  private final int columnCount;

  private CompiledFormula(JitFunction function, int codeSize, int columnCount) {
    this.handle = function.handle();
    this.code = function.span().rx();
    this.codeSize = codeSize;
    this.columnCount = columnCount;
  }

  /// Compiles a formula and places its code.
  ///
  /// @param arena closing it frees the code
  /// @throws InputException if the compiler cannot write code for this system
  static CompiledFormula place(Formula formula, JitRuntime runtime, Arena arena)
      throws InputException {
    if (runtime.architecture() != Architecture.X86_64
        || System.getProperty("os.name").startsWith("Windows")) {
      throw new InputException(
          "formulas are compiled to x86-64 code in the System V calling convention only, this is "
              + runtime.architecture()
              + " on "
              + System.getProperty("os.name"));
    }
    byte[] code = FormulaCompiler.compile(formula);
    FunctionOptions options = FunctionOptions.defaults().withArena(arena).withName(formula.text());
    JitFunction function = runtime.add(MemorySegment.ofArray(code), TYPE, options);
    return new CompiledFormula(function, code.length, formula.columns().size());
  }

  /// Evaluates the formula for all rows.
  ///
  /// @param columns the columns of the formula
  /// @param results native memory for one double per row
  /// @throws IllegalArgumentException if these are not the columns of the formula, or the results
  ///     do not fit
  void evaluate(Columns columns, MemorySegment results) {
    if (columns.values().size() != columnCount
        || results.byteSize() < columns.rowCount() * JAVA_DOUBLE.byteSize()) {
      throw new IllegalArgumentException("Columns or results do not fit the formula");
    }
    if (columns.rowCount() == 0) {
      return;
    }
    try {
      handle.invokeExact(columns.addresses(), results, columns.rowCount());
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("Machine code throws no checked exception", e);
    }
  }

  /// The size of the code with its constants, in bytes.
  int codeSize() {
    return codeSize;
  }

  /// Where the code is executed.
  long address() {
    return code.address();
  }
}
