// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import java.util.Collection;

/// A logarithmic axis that begins and ends with a power of ten.
///
/// @param first the exponent of ten where the axis begins
/// @param last the exponent of ten where the axis ends
/// @param start the position of the beginning
/// @param end the position of the end
record LogScale(int first, int last, double start, double end) {
  /// An axis that has room for all values, and is at least a power of ten long.
  static LogScale around(Collection<Double> values, double start, double end) {
    double smallest = values.stream().mapToDouble(Double::doubleValue).min().orElse(1);
    double largest = values.stream().mapToDouble(Double::doubleValue).max().orElse(10);
    int first = (int) Math.floor(Math.log10(smallest));
    int last = Math.max(first + 1, (int) Math.ceil(Math.log10(largest)));
    return new LogScale(first, last, start, end);
  }

  double position(double value) {
    return start + (end - start) * (Math.log10(value) - first) / (last - first);
  }
}
