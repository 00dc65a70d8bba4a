// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The command that compares.
///
/// In every round each peer runs once, one after the other, so that a machine that changes its
/// speed changes it for all. Peers wait for their turn without using the processor.
public final class Compare {
  private static final int SEQUENCE_LENGTH = 100_000;

  /// How many times shorter a process warms up for more spans than for the first of a workload.
  private static final int WARM_SHARE = 3;

  private final Plan plan;
  private final List<Peer> peers;
  private final List<WorkerProcess> kept = new ArrayList<>();
  private String keptFor = "";
  private final Results results;
  private final Map<String, String> descriptions = new LinkedHashMap<>();

  private Compare(Plan plan, List<Peer> peers, Results results) {
    this.plan = plan;
    this.peers = peers;
    this.results = results;
  }

  /// Runs the comparison. If a process fails, what was measured until then is reported, and the
  /// exit status is 1.
  ///
  /// @param args see [Options#HELP]
  /// @throws IOException if something cannot be compiled or saved
  /// @throws InterruptedException if the thread is interrupted
  public static void main(String[] args) throws IOException, InterruptedException {
    if (Arrays.asList(args).contains("--help")) {
      System.out.print(Options.HELP);
      return;
    }
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Plan plan = options.plan();
    Compare compare =
        new Compare(plan, new Peers(options, System.out).find(), new Results(options.columns()));
    long start = System.nanoTime();
    boolean whole = compare.run();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    Report report = new Report(options, plan, compare.results, compare.descriptions);
    String text = report.text(seconds);
    System.out.print(text);
    System.out.println("Saved in " + report.save(text, whole));
    if (!whole) {
      System.exit(1);
    }
  }

  /// Whether all went well.
  private boolean run() {
    try {
      introduce();
      for (Case measured : plan.cases()) {
        System.err.println(measured);
        run(measured);
      }
      return true;
    } catch (IOException e) {
      System.err.println("The comparison ends early. " + e.getMessage());
      return false;
    } finally {
      closeKept();
    }
  }

  private void closeKept() {
    kept.forEach(WorkerProcess::close);
    kept.clear();
  }

  /// Starts the processes that warm up anew where another kind of work begins, so that none runs
  /// code that was compiled for another one.
  ///
  /// @return for how many milliseconds they are to warm up
  private int keepFor(Case measured) throws IOException {
    if (measured.workload().equals(keptFor)) {
      return plan.warmUpMillis() / WARM_SHARE;
    }
    closeKept();
    keptFor = measured.workload();
    for (Peer peer : peers) {
      if (peer.warmsUp()) {
        kept.add(new WorkerProcess(peer));
      }
    }
    return plan.warmUpMillis();
  }

  /// Asks each process to describe itself, and for proof that all do the same things in the same
  /// order.
  private void introduce() throws IOException {
    Map<String, String> checksums = new LinkedHashMap<>();
    for (Peer peer : peers) {
      WorkerProcess process = process(peer);
      String description = process.ask("describe");
      // A library that cannot be preloaded is only warned about
      if (!peer.warmsUp() && !description.toLowerCase(Locale.ROOT).contains(peer.name())) {
        throw new IOException(peer.name() + " is not what runs in its process: " + description);
      }
      String origin = peer.origin().isEmpty() ? "" : ", " + peer.origin();
      descriptions.put(peer.name(), description + origin);
      checksums.put(peer.name(), process.ask("sequence " + SEQUENCE_LENGTH));
      release(process);
    }
    if (Set.copyOf(checksums.values()).size() > 1) {
      throw new IOException("The sequences of operations differ: " + checksums);
    }
  }

  private void run(Case measured) throws IOException {
    if (measured.fresh()) {
      runFresh(measured);
      return;
    }
    int warmUpMillis = keepFor(measured);
    List<WorkerProcess> processes = new ArrayList<>();
    try {
      for (Peer peer : peers) {
        WorkerProcess process = process(peer);
        processes.add(process);
        process.ask("warm " + measured.warmUpRequest() + " " + warmUpMillis);
      }
      List<WorkerProcess> able = new ArrayList<>();
      for (WorkerProcess process : processes) {
        if (process.open(measured)) {
          able.add(process);
        }
      }
      for (int round = 0; round < plan.rounds(); round++) {
        for (WorkerProcess process : able) {
          String answer = process.ask("round " + measured.settleMillis());
          results.add(process.peer().name(), measured.liveSpans(), answer);
        }
      }
      for (WorkerProcess process : able) {
        process.ask("close");
      }
    } finally {
      processes.forEach(this::release);
    }
  }

  private void runFresh(Case measured) throws IOException {
    for (int round = 0; round < plan.rounds(); round++) {
      for (Peer peer : peers) {
        try (WorkerProcess process = new WorkerProcess(peer)) {
          if (process.open(measured)) {
            results.add(peer.name(), measured.liveSpans(), process.ask("round 0"));
          }
        }
      }
    }
  }

  /// The process that runs a peer's next workload: a kept one where there is one to warm up, else a
  /// fresh one, so that every malloc begins every workload with an empty heap.
  private WorkerProcess process(Peer peer) throws IOException {
    for (WorkerProcess process : kept) {
      if (process.peer().equals(peer)) {
        return process;
      }
    }
    return new WorkerProcess(peer);
  }

  private void release(WorkerProcess process) {
    if (!kept.contains(process)) {
      process.close();
    }
  }
}
