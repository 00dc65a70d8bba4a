// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static com.example.jitmem.example.InputException.quote;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/// Numeric columns of a table in CSV: UTF-8, fields separated by commas, names in the first line.
/// Fields in quotes are refused. Only the requested columns have to be numbers.
final class CsvTable {
  /// The largest file that is read, in bytes: a few million rows of usual data.
  static final long MAX_FILE_BYTE_SIZE = 64L << 20;

  private static final int INITIAL_CAPACITY = 1024;

  /// What [Double#parseDouble(String)] takes beyond these, like `1d` or `0x1p3`, is not a number
  /// here.
  private static final String NUMBER_CHARACTERS = "0123456789+-.eE";

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String name;
  private final int fieldCount;
  private final List<NumberColumn> columns;
  private int rowCount;

  private CsvTable(String name, int fieldCount, List<NumberColumn> columns) {
    this.name = name;
    this.fieldCount = fieldCount;
    this.columns = columns;
  }

  /// A column that is kept.
  private static final class NumberColumn {
    final String name;
    final int position;
    double[] values = new double[INITIAL_CAPACITY];

    NumberColumn(String name, int position) {
      this.name = name;
      this.position = position;
    }

    void set(int row, double value) {
      if (row == values.length) {
        values = Arrays.copyOf(values, row * 2);
      }
      values[row] = value;
    }
  }

  /// Reads a file.
  ///
  /// @param columns the names of the columns to keep
  /// @throws InputException if it cannot be read, is not such a table, or lacks a column
  static CsvTable read(Path file, Collection<String> columns) throws InputException {
    if (!Files.exists(file)) {
      throw new InputException("file " + quote(file) + " does not exist");
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new InputException("file " + quote(file) + " is no file that can be read");
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (Files.size(file) > MAX_FILE_BYTE_SIZE) {
        throw new InputException(
            "file %s is larger than %d bytes".formatted(quote(file), MAX_FILE_BYTE_SIZE));
      }
      return read(in, "file " + quote(file), columns);
    } catch (IOException e) {
      throw new InputException("file %s cannot be read: %s".formatted(quote(file), e), e);
    }
  }

  /// Reads a table.
  ///
  /// @param name what messages call it
  /// @param columns the names of the columns to keep
  /// @throws InputException if it is not such a table or lacks a column
  /// @throws IOException if reading fails
  static CsvTable read(InputStream in, String name, Collection<String> columns)
      throws InputException, IOException {
    var decoder = StandardCharsets.UTF_8.newDecoder();
    var reader = new BufferedReader(new InputStreamReader(in, decoder));
    try {
      String first = reader.readLine();
      if (first == null) {
        throw new InputException(name + " is empty");
      }
      CsvTable table = ofHeader(name, first, columns);
      String line;
      for (int number = 2; (line = reader.readLine()) != null; number++) {
        table.addRow(line, number);
      }
      if (table.rowCount == 0) {
        throw new InputException(name + " has a header but no rows");
      }
      return table;
    } catch (CharacterCodingException e) {
      throw new InputException(name + " is not text in UTF-8", e);
    }
  }

  int rowCount() {
    return rowCount;
  }

  /// Copies columns to native memory.
  ///
  /// @param names names among the requested ones
  Columns columns(List<String> names, Arena arena) {
    List<MemorySegment> segments = new ArrayList<>();
    for (String column : names) {
      segments.add(arena.allocateFrom(JAVA_DOUBLE, values(column)));
    }
    return Columns.of(segments, rowCount, arena);
  }

  private double[] values(String column) {
    for (NumberColumn candidate : columns) {
      if (candidate.name.equals(column)) {
        return Arrays.copyOf(candidate.values, rowCount);
      }
    }
    throw new IllegalArgumentException("Column " + column + " was not read");
  }

  private static CsvTable ofHeader(String name, String line, Collection<String> wanted)
      throws InputException {
    String text = line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
    List<String> header = Arrays.stream(fields(name, text, 1)).map(String::strip).toList();
    List<NumberColumn> columns = new ArrayList<>();
    for (String column : wanted) {
      int position = header.indexOf(column);
      if (position < 0) {
        throw new InputException(
            "%s has no column %s; it has %s"
                .formatted(name, quote(column), quote(String.join(", ", header))));
      }
      if (header.lastIndexOf(column) != position) {
        throw new InputException("%s has two columns %s".formatted(name, quote(column)));
      }
      columns.add(new NumberColumn(column, position));
    }
    return new CsvTable(name, header.size(), columns);
  }

  private void addRow(String line, int number) throws InputException {
    String[] fields = fields(name, line, number);
    if (fields.length != fieldCount) {
      throw new InputException(
          "%s, line %d: %d fields, but the header has %d"
              .formatted(name, number, fields.length, fieldCount));
    }
    for (NumberColumn column : columns) {
      String field = fields[column.position].strip();
      if (!isNumber(field)) {
        throw new InputException(
            "%s, line %d, column %s: %s is not a number"
                .formatted(name, number, column.name, quote(field)));
      }
      column.set(rowCount, Double.parseDouble(field));
    }
    rowCount++;
  }

  private static String[] fields(String name, String line, int number) throws InputException {
    if (line.indexOf('"') >= 0) {
      throw new InputException(
          "%s, line %d: fields in quotes are not supported".formatted(name, number));
    }
    return line.split(",", -1);
  }

  private static boolean isNumber(String field) {
    if (!field.chars().allMatch(character -> NUMBER_CHARACTERS.indexOf(character) >= 0)) {
      return field.equals("NaN");
    }
    try {
      return !Double.isInfinite(Double.parseDouble(field));
    } catch (NumberFormatException _) {
      return false;
    }
  }
}
