// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

/// The workloads by name.
final class Workloads {
  private Workloads() {}

  /// Makes a workload.
  ///
  /// @param name its name, and a variant behind a colon where there is one
  /// @param liveSpans the number of live spans
  /// @param operations about how many operations a round measures
  /// @return the workload, set up
  /// @throws IllegalArgumentException if there is no such workload
  static Workload open(String name, int liveSpans, int operations) {
    int colon = name.indexOf(':');
    String kind = colon < 0 ? name : name.substring(0, colon);
    String variant = colon < 0 ? "" : name.substring(colon + 1);
    Setting setting = new Setting(liveSpans, operations, variant);
    return switch (kind) {
      case "pair" -> new PairWorkload(setting);
      case "fill" -> new FillWorkload(setting);
      case "first-fill" -> new FirstFillWorkload(setting);
      case "churn" -> new ChurnWorkload(setting);
      case "query" -> new QueryWorkload(setting);
      case "script" -> new ScriptWorkload(setting);
      case "write" -> new WriteWorkload(setting);
      case "pair-threads", "churn-threads" -> new ThreadsWorkload(setting);
      case "cold" -> new ColdWorkload(setting);
      case "resident" -> new ResidentWorkload(setting);
      case "garbage" -> new GarbageWorkload(setting);
      case "clock" -> new ClockWorkload(setting);
      case "load" -> new LoadWorkload(setting);
      default -> throw new IllegalArgumentException("No such workload: " + name);
    };
  }
}
