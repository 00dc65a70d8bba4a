// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.List;

/// What reading the clock costs, which is part of the time of every single operation.
final class ClockWorkload implements Workload {
  private static final int BATCH = 1000;

  private final Setting setting;

  ClockWorkload(Setting setting) {
    this.setting = setting;
  }

  @Override
  public List<Figure> round() {
    int batches = setting.repeats(BATCH);
    long start = System.nanoTime();
    long last = start;
    for (int i = 0; i < batches; i++) {
      last = batch();
    }
    return List.of(Figure.nanos("clock", last - start, (long) batches * BATCH));
  }

  private static long batch() {
    long last = 0;
    for (int i = 0; i < BATCH; i++) {
      last = System.nanoTime();
    }
    return last;
  }

  @Override
  public void close() {}
}
