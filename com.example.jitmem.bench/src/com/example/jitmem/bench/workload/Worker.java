// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A process that runs workloads on request, one line of standard input each, and answers each with
/// one line. `native/twin.cpp` understands the same requests:
///
/// - `sequence COUNT`: the checksum of the first operations
/// - `describe`: the versions of what is measured
/// - `build`: where the API and the implementation were loaded from, with `;` between; only here
/// - `warm WORKLOAD N OPERATIONS MILLISECONDS`: runs the workload without measuring it
/// - `open WORKLOAD N OPERATIONS`: sets the workload up; the answer is `none` if this process knows
///   nothing like it
/// - `round MILLISECONDS`: runs a round, and again until so much time has passed; the answer is
///   `NAME UNIT VALUE` of each figure of the last quarter, with `;` between
/// - `close`: ends the workload
public final class Worker {
  private @Nullable Workload workload;

  private Worker() {}

  /// Answers requests until standard input ends.
  ///
  /// @param args `cpu` to measure rounds in processor time
  /// @throws IOException if standard input fails
  public static void main(String[] args) throws IOException {
    if (Arrays.asList(args).contains(Clock.PROCESSOR_TIME)) {
      Clock.useProcessorTime();
    }
    Worker worker = new Worker();
    try (BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String request;
      while ((request = requests.readLine()) != null) {
        System.out.println(worker.answer(request.split(" ")));
      }
    }
  }

  private String answer(String[] request) {
    return switch (request[0]) {
      case "sequence" -> Long.toHexString(Sequence.checksum(Integer.parseInt(request[1])));
      case "describe" -> describe();
      case "build" -> build();
      case "warm" -> warm(request);
      case "open" -> open(request);
      case "round" -> format(settledRounds(Long.parseLong(request[1])));
      case "close" -> close();
      default -> throw new IllegalArgumentException("No such request: " + request[0]);
    };
  }

  private static String describe() {
    String collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .collect(Collectors.joining(" and "));
    return String.format(
        Locale.ROOT,
        "%s %s, collectors %s, heap up to %d MiB",
        System.getProperty("java.vm.name"),
        System.getProperty("java.vm.version"),
        collectors,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static String build() {
    try (OwnedJitAllocator allocator = new Setting(0, 0, "").allocator()) {
      return Stream.of(JitAllocator.class, allocator.getClass())
          .map(type -> type.getProtectionDomain().getCodeSource().getLocation().toString())
          .collect(Collectors.joining(";"));
    }
  }

  private static String warm(String[] request) {
    long end = Clock.now() + Long.parseLong(request[4]) * 1_000_000;
    while (Clock.now() < end) {
      try (Workload warmed = parse(request)) {
        for (int i = 0; i < 10 && Clock.now() < end; i++) {
          warmed.round();
        }
      }
    }
    return "warm";
  }

  private String open(String[] request) {
    workload = parse(request);
    return "open";
  }

  private String close() {
    current().close();
    workload = null;
    // Leaves a small heap, which the next warm-up lets grow again before anything is measured
    System.gc();
    return "closed";
  }

  private Workload current() {
    if (workload == null) {
      throw new IllegalStateException("No workload is open");
    }
    return workload;
  }

  /// Repeats a round.
  ///
  /// @param millis for how long; a round that takes longer runs once
  /// @return the figures of the last quarter of all repeats
  private List<Figure> settledRounds(long millis) {
    long end = Clock.now() + millis * 1_000_000;
    List<List<Figure>> rounds = new ArrayList<>();
    do {
      rounds.add(current().round());
    } while (Clock.now() < end);
    int settled = rounds.size() * 3 / 4;
    return rounds.subList(settled, rounds.size()).stream().flatMap(List::stream).toList();
  }

  private static Workload parse(String[] request) {
    return Workloads.open(request[1], Integer.parseInt(request[2]), Integer.parseInt(request[3]));
  }

  private static String format(List<Figure> figures) {
    return figures.stream()
        .map(f -> String.format(Locale.ROOT, "%s %s %.6g", f.name(), f.unit(), f.value()))
        .collect(Collectors.joining(";"));
  }
}
