// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// A figure to reach: a row of ours, by itself or in relation to another figure.
///
/// @param what the row and the number of live spans
/// @param measured ours, or the relation
/// @param limit the largest value that reaches the goal; the smallest one if `atLeast`
/// @param atLeast whether more is better
record Goal(String what, OptionalDouble measured, double limit, boolean atLeast) {
  private static final int[] COUNTS = {1_000, 10_000, 100_000, 1_000_000};
  private static final double GROWTH_LIMIT = 4;

  boolean isReached() {
    return measured.isPresent()
        && (atLeast ? measured.getAsDouble() >= limit : measured.getAsDouble() <= limit);
  }

  /// All goals with what was measured for them.
  static List<Goal> of(Results results) {
    Reader reader = new Reader(results);
    reader.relative("pair", 0, Peer.ASMJIT, 0.8);
    reader.relative("pair", 1, Peer.ASMJIT, 0.8);
    reader.relative("fill", Peer.ASMJIT, 1.0, 0.9, 0.8, 0.6);
    reader.relative("query", Peer.ASMJIT, 0.6, 0.6, 0.6, 0.6);
    for (String order : List.of("fifo", "lifo", "random")) {
      reader.relative("release-" + order, Peer.ASMJIT, 0.9, 0.9, 0.9, 0.9);
    }
    reader.relative("churn", Peer.ASMJIT, 0.30, 0.10, 0.02, 0.013);
    reader.relative("churn", Peer.GLIBC, 1, 1, 1, 1);
    reader.relative("churn", Peer.JEMALLOC, 3, 3, 3, 3);
    reader.relative("churn", Peer.MIMALLOC, 3, 3, 3, 3);
    reader.relative("churn-p99", 100_000, Peer.ASMJIT, 0.02);
    reader.absolute("churn-p99", 100_000, 1500);
    reader.relative("refill", 100_000, Peer.ASMJIT, 0.1);
    reader.relative("checkerboard", 100_000, Peer.ASMJIT, 0.02);
    // Three times as many pairs per second are a third of the time per pair
    reader.relative("pair-threads-2", 0, Peer.ASMJIT, 1 / 3.0);
    reader.relative("churn-threads-2", 10_000, Peer.ASMJIT, 1 / 3.0);
    reader.atLeast("used-reserved", 0.80, 0.90, 0.93, 0.96);
    reader.absolute("metadata-used", 1_000, 2.5);
    reader.absolute("metadata-used", 10_000, 1.6);
    reader.absolute("metadata-used", 100_000, 1.6);
    reader.absolute("metadata-used", 1_000_000, 1.6);
    reader.relative("memcpy-256", 1_000, Peer.GLIBC, 1.3);
    // Nothing, but for what the measurement itself allocates
    reader.absolute("garbage-pair", 10_000, 0.1);
    reader.absolute("garbage-churn", 10_000, 40);
    for (String order : Scripts.adversarial().keySet()) {
      reader.growth(order);
    }
    return reader.goals;
  }

  /// Finds the figures.
  private static final class Reader {
    private final Results results;
    private final List<Goal> goals = new ArrayList<>();

    Reader(Results results) {
      this.results = results;
    }

    void relative(String workload, String peer, double... limits) {
      for (int i = 0; i < limits.length; i++) {
        relative(workload, COUNTS[i], peer, limits[i]);
      }
    }

    void relative(String workload, int count, String peer, double limit) {
      OptionalDouble ours = results.median(workload, count, Peer.JITMEM);
      OptionalDouble theirs = results.median(workload, count, peer);
      goals.add(
          new Goal(workload + " at " + count + " / " + peer, quotient(ours, theirs), limit, false));
    }

    void absolute(String workload, int count, double limit) {
      OptionalDouble ours = results.median(workload, count, Peer.JITMEM);
      goals.add(new Goal(workload + " at " + count, ours, limit, false));
    }

    void atLeast(String workload, double... limits) {
      for (int i = 0; i < limits.length; i++) {
        OptionalDouble ours = results.median(workload, COUNTS[i], Peer.JITMEM);
        goals.add(new Goal(workload + " at " + COUNTS[i], ours, limits[i], true));
      }
    }

    /// The slowest 10,000 operations of many spans against the median of few.
    void growth(String workload) {
      OptionalDouble many = results.median(workload + "-worst", 100_000, Peer.JITMEM);
      OptionalDouble few = results.median(workload, 1_000, Peer.JITMEM);
      goals.add(
          new Goal(
              workload + "-worst at 100000 / at 1000", quotient(many, few), GROWTH_LIMIT, false));
    }

    private static OptionalDouble quotient(OptionalDouble one, OptionalDouble other) {
      return one.isPresent() && other.isPresent() && other.getAsDouble() > 0
          ? OptionalDouble.of(one.getAsDouble() / other.getAsDouble())
          : OptionalDouble.empty();
    }
  }
}
