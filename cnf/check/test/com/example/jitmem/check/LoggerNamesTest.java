// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The names of loggers, which users put into the configuration of their logging, in three places:
/// the constants, the classes that log, and README's table.
class LoggerNamesTest {
  private static final String IMPL = "com/example/jitmem/impl/";
  private static final String CONSTANTS = IMPL + "log/LoggerNames";
  private static final Pattern README_ROW =
      Pattern.compile("^\\| `(com\\.example\\.jitmem\\.[a-z.]+)` \\|", Pattern.MULTILINE);

  @Test
  void readmeListsTheConstants() throws IOException {
    assertThat(readmeRows()).isNotEmpty().isEqualTo(constants());
  }

  @Test
  void whatLogsTakesItsNameFromTheConstants() throws IOException {
    assertThat(namesTaken()).isEqualTo(constants());
  }

  private static Set<String> readmeRows() {
    Set<String> names = new TreeSet<>();
    Matcher rows = README_ROW.matcher(Tree.read(Tree.ROOT.resolve("README.md")));
    while (rows.find()) {
      names.add(rows.group(1));
    }
    return names;
  }

  private static Set<String> constants() throws IOException {
    Set<String> names = new TreeSet<>();
    for (var field : Objects.requireNonNull(classes().get(CONSTANTS)).fields()) {
      field
          .findAttribute(Attributes.constantValue())
          .map(value -> ((StringEntry) value.constant()).stringValue())
          .ifPresent(names::add);
    }
    return names;
  }

  /// The names with which loggers are got. A name that is not constant counts as the instruction
  /// that makes it.
  private static Set<String> namesTaken() throws IOException {
    Set<String> names = new TreeSet<>();
    for (ClassModel model : classes().values()) {
      for (MethodModel method : model.methods()) {
        method.code().ifPresent(code -> addNames(code.elementList(), names));
      }
    }
    return names;
  }

  private static void addNames(List<CodeElement> code, Set<String> names) {
    Object last = "nothing";
    for (CodeElement element : code) {
      if (element instanceof InvokeInstruction call && call.name().equalsString("getLogger")) {
        names.add(String.valueOf(last));
      }
      last = element instanceof ConstantInstruction constant ? constant.constantValue() : element;
    }
  }

  private static Map<String, ClassModel> classes() throws IOException {
    return ClassFiles.of("com.example.jitmem.impl");
  }
}
