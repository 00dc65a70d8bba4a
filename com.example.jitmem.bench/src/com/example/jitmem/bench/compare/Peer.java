// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// One of those that are compared.
///
/// @param name its column
/// @param origin where it comes from; empty if it was built here
/// @param command how its process is started
/// @param environment variables of its process
/// @param warmsUp whether its process has to warm up, and is therefore kept for the same work with
///     other numbers of live spans
record Peer(
    String name,
    String origin,
    List<String> command,
    Map<String, String> environment,
    boolean warmsUp) {
  static final String JITMEM = "jitmem";
  static final String ASMJIT = "asmjit";
  static final String GLIBC = "glibc";
  static final String JEMALLOC = "jemalloc";
  static final String MIMALLOC = "mimalloc";

  /// Another build of jitmem.
  static final String AGAINST = "against";

  /// The columns without another build, in their order.
  static final List<String> COLUMNS = List.of(JITMEM, ASMJIT, GLIBC, JEMALLOC, MIMALLOC);

  /// Those that are written in C++.
  static final List<String> NATIVE = COLUMNS.subList(1, COLUMNS.size());

  /// The median of some values.
  static OptionalDouble median(List<Double> values) {
    if (values.isEmpty()) {
      return OptionalDouble.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return OptionalDouble.of(
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
  }
}
