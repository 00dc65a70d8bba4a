// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.List;

/// A workload on an allocator of its own, which lives from round to round.
interface Workload extends AutoCloseable {
  /// Runs one round.
  ///
  /// @return what was measured, in the same order in every round
  List<Figure> round();

  /// Ends the allocator.
  @Override
  void close();
}
