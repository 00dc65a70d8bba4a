// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.Locale;

/// The order in which something is done with spans.
enum Order {
  /// The oldest first.
  FIFO,
  /// The youngest first.
  LIFO,
  /// Any.
  RANDOM;

  static Order of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The indices below `count` in this order.
  int[] indices(int count, Sequence sequence) {
    if (this == RANDOM) {
      return sequence.shuffled(count);
    }
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      indices[i] = this == FIFO ? i : count - 1 - i;
    }
    return indices;
  }
}
