// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import java.util.List;

/// A formula that was parsed.
///
/// @param text what the user wrote
/// @param root its tree
/// @param columns the names of the columns it uses, each once, in the order of their first use
record Formula(String text, Expression root, List<String> columns) {
  Formula {
    columns = List.copyOf(columns);
  }
}
