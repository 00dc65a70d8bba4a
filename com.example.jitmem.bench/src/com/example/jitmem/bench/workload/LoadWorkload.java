// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.List;

/// What a load costs whose address the load before has given, from one cache line for each live
/// span, in random order. No allocator is needed: it shows how much of the growth of other rows
/// is the memory's, and how much cache there was.
final class LoadWorkload implements Workload {
  /// A cache line, in numbers.
  private static final int LINE = 64 / Integer.BYTES;

  private final Setting setting;

  /// At the beginning of each line the place of the next one.
  private final int[] lines;

  private int at;

  LoadWorkload(Setting setting) {
    this.setting = setting;
    lines = new int[setting.liveSpans() * LINE];
    int[] order = new Sequence(Sequence.SEED).shuffled(setting.liveSpans());
    for (int i = 0; i < order.length; i++) {
      lines[order[i] * LINE] = order[(i + 1) % order.length] * LINE;
    }
  }

  @Override
  public List<Figure> round() {
    long start = Clock.now();
    at = follow(at, setting.operations());
    return List.of(Figure.nanos("load", Clock.now() - start, setting.operations()));
  }

  private int follow(int from, int loads) {
    int place = from;
    for (int i = 0; i < loads; i++) {
      place = lines[place];
    }
    return place;
  }

  @Override
  public void close() {}
}
