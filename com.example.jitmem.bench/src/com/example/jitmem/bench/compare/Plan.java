// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.ArrayList;
import java.util.List;

/// What is measured, in order.
///
/// The counts of operations are bounded by what the slowest takes: AsmJit's churn costs tens of
/// microseconds where a million spans are live. Whatever they are, they are the same for everybody.
record Plan(int rounds, int warmUpMillis, List<Case> cases) {
  private static final int[] COUNTS = {1_000, 10_000, 100_000, 1_000_000};

  /// A few minutes.
  static Plan brief() {
    return new Plan(3, 500, cases(new int[] {100_000, 100_000, 30_000, 10_000}, 300_000));
  }

  /// For the record.
  static Plan full() {
    return new Plan(9, 3_000, cases(new int[] {400_000, 400_000, 100_000, 50_000}, 1_000_000));
  }

  private static List<Case> cases(int[] churns, int cheap) {
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("pair", 0, cheap));
    cases.add(new Case("pair", 1, cheap));
    for (int count : COUNTS) {
      cases.add(new Case("fill", count, cheap));
    }
    for (int i = 0; i < COUNTS.length; i++) {
      cases.add(new Case("churn", COUNTS[i], churns[i]));
    }
    return cases;
  }

  /// The same for some kinds of workload and some numbers of spans only; an empty list means all.
  Plan only(List<String> kinds, List<Integer> counts) {
    return new Plan(
        rounds,
        warmUpMillis,
        cases.stream()
            .filter(c -> kinds.isEmpty() || kinds.contains(c.kind()))
            .filter(c -> counts.isEmpty() || counts.contains(c.liveSpans()))
            .toList());
  }

  Plan withRounds(int newRounds) {
    return new Plan(newRounds, warmUpMillis, cases);
  }
}
