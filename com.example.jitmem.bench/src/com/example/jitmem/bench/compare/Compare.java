// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command that compares.
///
/// In every round each peer runs once, one after the other, so that a machine that changes its
/// speed changes it for all. Peers wait for their turn without using the processor.
public final class Compare {
  private static final Path RECORD = Path.of("results", "latest.csv");
  private static final Path SCRATCH = Path.of("target", "results.csv");
  private static final int SEQUENCE_LENGTH = 100_000;

  private final Plan plan;
  private final List<Peer> peers;
  private final List<WorkerProcess> kept = new ArrayList<>();
  private final Results results = new Results();

  private Compare(Plan plan, List<Peer> peers) {
    this.plan = plan;
    this.peers = peers;
  }

  /// Runs the comparison.
  ///
  /// @param args see [Options#HELP]
  /// @throws IOException if a process fails
  /// @throws InterruptedException if the thread is interrupted
  public static void main(String[] args) throws IOException, InterruptedException {
    if (Arrays.asList(args).contains("--help")) {
      System.out.print(Options.HELP);
      return;
    }
    Options options = Options.parse(args);
    List<Peer> peers = new Peers(options, System.out).find();
    Results results = new Compare(options.plan(), peers).run();
    System.out.print(Table.format(results));
    Path file = options.isComplete() ? RECORD : SCRATCH;
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, results.csv());
    System.out.println("Saved in " + file);
  }

  private Results run() throws IOException {
    try {
      for (Peer peer : peers) {
        if (peer.warmsUp()) {
          kept.add(new WorkerProcess(peer));
        }
      }
      compareSequences();
      for (Case measured : plan.cases()) {
        System.err.println(measured);
        run(measured);
      }
      return results;
    } finally {
      kept.forEach(WorkerProcess::close);
    }
  }

  /// Everybody has to do the same things in the same order.
  private void compareSequences() throws IOException {
    List<String> checksums = new ArrayList<>();
    for (Peer peer : peers) {
      WorkerProcess process = process(peer);
      checksums.add(process.ask("sequence " + SEQUENCE_LENGTH));
      release(process);
    }
    if (checksums.stream().distinct().count() > 1) {
      throw new IOException("The peers' sequences of operations differ: " + checksums);
    }
  }

  private void run(Case measured) throws IOException {
    if (measured.fresh()) {
      runFresh(measured);
      return;
    }
    List<WorkerProcess> processes = new ArrayList<>();
    try {
      for (Peer peer : peers) {
        WorkerProcess process = process(peer);
        processes.add(process);
        process.ask("warm " + measured.warmUpRequest() + " " + plan.warmUpMillis());
      }
      List<WorkerProcess> able = new ArrayList<>();
      for (WorkerProcess process : processes) {
        if (process.open(measured)) {
          able.add(process);
        }
      }
      for (int round = 0; round < plan.rounds(); round++) {
        for (WorkerProcess process : able) {
          results.add(process.peer().name(), measured.liveSpans(), process.ask("round"));
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
            results.add(peer.name(), measured.liveSpans(), process.ask("round"));
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
