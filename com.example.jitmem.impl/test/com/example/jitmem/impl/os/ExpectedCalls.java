// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Compares the calls that were made with those that are expected.
public final class ExpectedCalls {
  private ExpectedCalls() {}

  /// Checks the calls since the last check.
  ///
  /// @param expected each as [ModelCalls.Call] is printed, with `*` for the address of a structure
  public static void expect(ModelCalls system, String... expected) {
    List<String> made = system.takeCalls().stream().map(Object::toString).toList();
    assertThat(made).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      String pattern =
          Arrays.stream(expected[i].split("\\*", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining("[0-9a-f]+"));
      assertThat(made.get(i)).matches(pattern);
    }
  }
}
