// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandLineTest {
  @Test
  void withoutArgumentsTheDefaultsAreAskedFor() throws InputException {
    assertThat(CommandLine.parse()).isEqualTo(new CommandLine(Optional.empty(), List.of(), false));
  }

  @Test
  void formulasKeepTheirOrderAndMayBeginWithAMinusSign() throws InputException {
    assertThat(CommandLine.parse("--formula", "-a", "--file", "t.csv", "--formula", "--help"))
        .isEqualTo(new CommandLine(Optional.of(Path.of("t.csv")), List.of("-a", "--help"), false));
  }

  @Test
  void helpIsAskedFor() throws InputException {
    assertThat(CommandLine.parse("--help").help()).isTrue();
  }

  @Test
  void whatMeansNothingIsRefusedWithTheUsage() {
    assertRefused("unknown argument \"a + b\"; usage: ", "a + b");
    assertRefused("unknown argument \"--rows\"; usage: ", "--rows");
    assertRefused("--formula needs a value; usage: ", "--formula");
    assertRefused("--file needs a value; usage: ", "--file");
    assertRefused("--file is given twice; usage: ", "--file", "a", "--file", "b");
    assertRefused("\"a?\" cannot be the name of a file", "--file", "a\0");
  }

  private static void assertRefused(String message, String... arguments) {
    assertThatThrownBy(() -> CommandLine.parse(arguments))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }
}
