// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static com.example.jitmem.example.InputException.quote;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The user's choices.
///
/// @param file the table to read, empty for the one in the bundle
/// @param formulas the formulas to evaluate, empty for those of the example
/// @param help whether only the usage is to be shown
record CommandLine(Optional<Path> file, List<String> formulas, boolean help) {
  static final String USAGE =
      "usage: java -jar demo.jar [--file <csv file>] [--formula <formula>]... [--help]";

  /// What `--help` shows.
  static final String HELP =
      USAGE
          + """


          Compiles formulas to machine code and evaluates them for all rows of a table.

            --file <csv file>    a table with column names in its first line;
                                 default: weather of Seattle, 2012 to 2015 (NOAA)
            --formula <formula>  + - * / unary minus, parentheses, numbers, columns,
                                 min(a, b), max(a, b), sqrt(a), abs(a); can be repeated
            --help               shows this

          Exit status: 0 if all results equal those of plain Java bit for bit, 1 if one
          does not, 2 if something that was given, or the JVM, cannot be used.\
          """;

  /// Reads the arguments.
  ///
  /// @throws InputException if there is one that means nothing
  static CommandLine parse(String... arguments) throws InputException {
    Optional<Path> file = Optional.empty();
    List<String> formulas = new ArrayList<>();
    boolean help = false;
    Iterator<String> rest = Arrays.asList(arguments).iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      switch (argument) {
        case "--help" -> help = true;
        case "--formula" -> formulas.add(value(argument, rest));
        case "--file" -> {
          if (file.isPresent()) {
            throw new InputException("--file is given twice; " + USAGE);
          }
          file = Optional.of(path(value(argument, rest)));
        }
        default -> throw new InputException("unknown argument " + quote(argument) + "; " + USAGE);
      }
    }
    return new CommandLine(file, List.copyOf(formulas), help);
  }

  private static String value(String option, Iterator<String> rest) throws InputException {
    if (!rest.hasNext()) {
      throw new InputException(option + " needs a value; " + USAGE);
    }
    return rest.next();
  }

  private static Path path(String text) throws InputException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InputException(quote(text) + " cannot be the name of a file", e);
    }
  }
}
