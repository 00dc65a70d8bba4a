// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What is measured, in order.
///
/// The counts of operations are bounded by what the slowest takes: AsmJit's churn costs tens of
/// microseconds where a million spans are live. Whatever they are, they are the same for every
/// peer.
record Plan(int rounds, int warmUpMillis, List<Case> cases) {
  private static final List<Integer> COUNTS = List.of(1_000, 10_000, 100_000, 1_000_000);

  // What takes AsmJit a third of a millisecond each
  private static final int CHECKERBOARD_LIMIT = 100_000;
  private static final int SLOW_OPERATIONS = 2_000;

  // So many that threads work at the same time for nearly all of them
  private static final int THREADED_PAIRS = 1_000_000;
  private static final int THREADED_REPLACEMENTS = 200_000;

  private static final int FEWEST_OPERATIONS = 20_000;
  private static final List<Integer> WRITE_SIZES = List.of(64, 256, 1024, 4096, 16384);
  private static final List<String> OPTIONS = List.of("fill-unused", "multiple-pools");

  /// How many operations a round of each kind of workload measures.
  ///
  /// @param cheap where every peer takes less than a microsecond
  /// @param churns churn, for each number of live spans
  private record Amounts(int cheap, List<Integer> churns) {}

  /// A few minutes.
  static Plan brief() {
    Amounts amounts = new Amounts(300_000, List.of(100_000, 100_000, 30_000, 10_000));
    return new Plan(4, 1_250, cases(amounts, COUNTS.size() - 1));
  }

  /// For the record.
  static Plan full() {
    Amounts amounts = new Amounts(1_000_000, List.of(200_000, 200_000, 50_000, 20_000));
    return new Plan(5, 2_000, cases(amounts, COUNTS.size()));
  }

  /// @param counts how many numbers of live spans are measured where the last one takes long
  private static List<Case> cases(Amounts amounts, int counts) {
    List<Case> cases = new ArrayList<>();
    addBasics(cases, amounts);
    addScripts(cases, amounts, counts);
    addOptions(cases, amounts);
    addThreads(cases);
    for (int size : WRITE_SIZES) {
      cases.add(new Case("write", "write:" + size, 1_000, amounts.cheap));
    }
    addMemory(cases, counts);
    cases.add(new Case("cold", "cold", 0, 1000, true));
    // Next to the orders whose growth it explains
    for (int count : COUNTS) {
      cases.add(new Case("load", count, amounts.cheap));
    }
    for (String script : Scripts.adversarial().values()) {
      for (int count : List.of(COUNTS.get(0), COUNTS.get(2))) {
        cases.add(new Case("adversarial", "script:" + script, count, COUNTS.get(2)));
      }
    }
    return cases;
  }

  private static void addBasics(List<Case> cases, Amounts amounts) {
    cases.add(new Case("clock", 0, amounts.cheap));
    cases.add(new Case("pair", 0, amounts.cheap));
    cases.add(new Case("pair", 1, amounts.cheap));
    for (int count : COUNTS) {
      cases.add(new Case("fill", count, amounts.cheap));
    }
    for (int count : COUNTS) {
      cases.add(new Case("first-fill", count, amounts.cheap));
    }
    for (int i = 0; i < COUNTS.size(); i++) {
      cases.add(new Case("churn", COUNTS.get(i), amounts.churns.get(i)));
    }
    for (int i = 0; i < COUNTS.size(); i++) {
      cases.add(new Case("query", COUNTS.get(i), amounts.churns.get(i)));
    }
  }

  private static void addScripts(List<Case> cases, Amounts amounts, int counts) {
    for (Map.Entry<String, String> script : Scripts.common().entrySet()) {
      for (int count : COUNTS.subList(0, counts)) {
        boolean slow = script.getKey().equals(Scripts.CHECKERBOARD) && count > CHECKERBOARD_LIMIT;
        int operations = slow ? SLOW_OPERATIONS : Math.max(count, FEWEST_OPERATIONS);
        cases.add(new Case(script.getKey(), "script:" + script.getValue(), count, operations));
      }
    }
    for (Map.Entry<String, String> script : Scripts.ofCode().entrySet()) {
      for (int count : COUNTS.subList(0, 2)) {
        cases.add(new Case(script.getKey(), "script:" + script.getValue(), count, amounts.cheap));
      }
    }
  }

  private static void addOptions(List<Case> cases, Amounts amounts) {
    for (String option : OPTIONS) {
      cases.add(new Case("options", "pair:" + option, 1, amounts.cheap));
      cases.add(new Case("options", "fill:" + option, COUNTS.get(1), amounts.cheap));
      cases.add(new Case("options", "churn:" + option, COUNTS.get(1), amounts.churns.get(1)));
    }
  }

  private static void addThreads(List<Case> cases) {
    for (int threads : List.of(1, 2, 4)) {
      cases.add(new Case("threads", "pair-threads:" + threads, 0, THREADED_PAIRS));
      cases.add(
          new Case("threads", "churn-threads:" + threads, COUNTS.get(1), THREADED_REPLACEMENTS));
    }
  }

  private static void addMemory(List<Case> cases, int counts) {
    cases.add(new Case("garbage", COUNTS.get(1), 100_000));
    cases.add(new Case("garbage", "garbage:query", COUNTS.get(1), 100_000));
    for (int count : COUNTS.subList(0, counts)) {
      cases.add(new Case("resident", "resident", count, 1, true));
    }
  }

  /// The same for some workloads and some numbers of spans only; an empty list means all.
  Plan only(List<String> names, List<Integer> counts) {
    return new Plan(
        rounds,
        warmUpMillis,
        cases.stream()
            .filter(c -> names.isEmpty() || names.contains(c.name()))
            .filter(c -> counts.isEmpty() || counts.contains(c.liveSpans()))
            .toList());
  }

  /// The names of the workloads.
  List<String> workloads() {
    return cases.stream().map(Case::name).distinct().toList();
  }

  Plan withRounds(int newRounds) {
    return new Plan(newRounds, warmUpMillis, cases);
  }
}
