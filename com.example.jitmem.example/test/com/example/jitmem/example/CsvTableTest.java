// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTableTest {
  @Test
  void columnsAreReadByName() throws Exception {
    assertThat(values("day,b,a\nx,1,2.5\ny,-3e2,.5\n", "a")).containsExactly(2.5, .5);
    assertThat(values("day,b,a\nx,1,2.5\ny,-3e2,.5\n", "b")).containsExactly(1, -300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a\n1\n2\n", "a\n1\n2", "a\r\n1\r\n2\r\n", "\uFEFFa\n1\n2", " a \n 1\n2 \n"})
  void lineEndsByteOrderMarkAndBlanksDoNotMatter(String text) throws Exception {
    assertThat(values(text, "a")).containsExactly(1, 2);
  }

  @Test
  void notANumberIsAValue() throws Exception {
    assertThat(values("a\nNaN\n-0.0", "a")).containsExactly(Double.NaN, -0.0);
  }

  @Test
  void manyRowsFit() throws Exception {
    StringBuilder text = new StringBuilder("a,b\n");
    IntStream.range(0, 5000).forEach(i -> text.append(i).append(",x\n"));
    assertThat(values(text.toString(), "a"))
        .isEqualTo(IntStream.range(0, 5000).asDoubleStream().toArray());
  }

  @Test
  void unusedColumnsMayHoldAnything() throws Exception {
    assertThat(values("a,b,b,\n1,x,,\n", "a")).containsExactly(1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "''                | table is empty",
        "'a'               | table has a header but no rows",
        "'a,b\n'           | table has a header but no rows",
        "'b,c\n1,2'        | table has no column \"a\"; it has \"b, c\"",
        "'\n1'             | table has no column \"a\"; it has \"\"",
        "'a,a\n1,2'        | table has two columns \"a\"",
        "'a,b\n1,2\n3'     | table, line 3: 1 fields, but the header has 2",
        "'a,b\n1,2,3'      | table, line 2: 3 fields, but the header has 2",
        "'a,b\n1,2\n\n3,4' | table, line 3: 1 fields, but the header has 2",
        "'a\n1\n\n'        | table, line 3, column a: \"\" is not a number",
        "'a\n1\nwarm'      | table, line 3, column a: \"warm\" is not a number",
        "'a\n1d'           | table, line 2, column a: \"1d\" is not a number",
        "'a\n0x1p3'        | table, line 2, column a: \"0x1p3\" is not a number",
        "'a\n1e'           | table, line 2, column a: \"1e\" is not a number",
        "'a\n1 2'          | table, line 2, column a: \"1 2\" is not a number",
        "'a\nInfinity'     | table, line 2, column a: \"Infinity\" is not a number",
        "'a\n1e999'        | table, line 2, column a: \"1e999\" is not a number",
        "'a,b\n1,\"2\"'    | table, line 2: fields in quotes are not supported",
        "'\"a\"\n1'        | table, line 1: fields in quotes are not supported",
      })
  void whatIsNoSuchTableIsRefused(String text, String message) {
    assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.UTF_8), "a"))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  @Test
  void otherEncodingsAreRefused() {
    assertThatThrownBy(() -> read(new byte[] {'a', '\n', (byte) 0xB0}, "a"))
        .isInstanceOf(InputException.class)
        .hasMessage("table is not text in UTF-8");
  }

  @Test
  void filesAreRead(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("t.csv"), "a\n1\n");
    assertThat(CsvTable.read(file, List.of("a")).rowCount()).isEqualTo(1);
  }

  @Test
  void whatIsNoFileIsRefused(@TempDir Path folder) {
    assertRefused(folder.resolve("none.csv"), "does not exist");
    assertRefused(folder, "is no file that can be read");
    assertRefused(Path.of("/dev/zero"), "is no file that can be read");
  }

  @Test
  void aFileThatIsTooLargeIsRefusedUnread(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.csv");
    try (var large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(CsvTable.MAX_FILE_BYTE_SIZE + 1);
    }
    assertRefused(file, "is larger than 67108864 bytes");
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> CsvTable.read(file, List.of("a")))
        .isInstanceOf(InputException.class)
        .hasMessage("file " + InputException.quote(file) + " " + reason);
  }

  private static double[] values(String text, String column) throws Exception {
    CsvTable table = read(text.getBytes(StandardCharsets.UTF_8), column);
    try (Arena arena = Arena.ofConfined()) {
      Columns columns = table.columns(List.of(column), arena);
      assertThat(columns.rowCount()).isEqualTo(table.rowCount());
      return columns.values().getFirst().toArray(JAVA_DOUBLE);
    }
  }

  private static CsvTable read(byte[] bytes, String... columns) throws Exception {
    return CsvTable.read(new ByteArrayInputStream(bytes), "table", List.of(columns));
  }
}
