// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

/// One result of a round.
///
/// @param name the row of the table it belongs to
/// @param unit `ns` per operation, or what else it counts; lower is better unless it is `ratio`
/// @param value the measured value
record Figure(String name, String unit, double value) {
  /// Nanoseconds per operation.
  static Figure nanos(String name, long nanos, long operations) {
    return new Figure(name, "ns", (double) nanos / operations);
  }
}
