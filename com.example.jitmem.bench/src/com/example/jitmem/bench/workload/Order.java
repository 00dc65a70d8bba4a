// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.Locale;

/// The order in which spans are released.
enum Order {
  /// The oldest first.
  FIFO,
  /// The youngest first.
  LIFO,
  /// Any.
  RANDOM;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

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
