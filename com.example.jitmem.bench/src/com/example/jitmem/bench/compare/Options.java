// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The options of the command line.
///
/// @param full whether the long mode is requested
/// @param kinds the workloads to run; empty for all
/// @param counts the numbers of live spans to run with; empty for all
/// @param peers who takes part beside another build; empty for all
/// @param rounds the number of rounds, 0 for that of the mode
/// @param processorTime whether rounds are measured in processor time
/// @param implementation a jar or folder that is used instead of the implementation built here
/// @param against another build of jitmem that takes part
/// @param jvmArguments further arguments of our JVM
record Options(
    boolean full,
    List<String> kinds,
    List<Integer> counts,
    List<String> peers,
    int rounds,
    boolean processorTime,
    Optional<Path> implementation,
    Optional<OtherBuild> against,
    List<String> jvmArguments) {
  static final String HELP =
      """
      Compares jitmem with AsmJit and with the mallocs of glibc, jemalloc and mimalloc.

        --long              takes about eight minutes instead of five, and gives steadier figures
        --only NAMES        only these workloads, with commas between them: clock, load, pair,
                            fill, first-fill, churn (with memory), query, refill,
                            checkerboard, sawtooth, shrink, options, threads, write, garbage,
                            resident, cold, adversarial
        --n COUNTS          only with these numbers of live spans
        --peers NAMES       only these; jitmem, asmjit, glibc, jemalloc, mimalloc
        --rounds COUNT      how often each runs each workload
        --cpu               measures the processor time of rounds instead of the time that passes,
                            for machines that are busy; leaves out the garbage collector's threads
        --impl PATH         a jar or a folder of classes to measure instead of what was built here
        --against PATH      another build of jitmem takes part, in a column of its own: a checkout
                            that was packaged, or the jar of an implementation with that of its
                            API beside it. With --peers jitmem only the two builds are compared
        --jvm ARGUMENT      a further argument of our JVM; may be repeated

      Without any option but --long, and with AsmJit and glibc to compare with, the results become
      the project's record: the folder results. Others are saved in target/results.
      """;

  static Options parse(String[] args) {
    boolean full = false;
    List<String> kinds = List.of();
    List<Integer> counts = List.of();
    List<String> peers = List.of();
    int rounds = 0;
    boolean processorTime = false;
    Optional<Path> implementation = Optional.empty();
    Optional<OtherBuild> against = Optional.empty();
    List<String> jvmArguments = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--long" -> full = true;
        case "--only" -> kinds = names(args, ++i, Plan.full().workloads());
        case "--n" -> counts = numbers(args, ++i);
        case "--peers" -> peers = names(args, ++i, Peer.COLUMNS);
        case "--rounds" -> rounds = number(args[i], value(args, ++i));
        case "--cpu" -> processorTime = true;
        case "--impl" -> implementation = Optional.of(path(args, ++i));
        case "--against" -> against = Optional.of(OtherBuild.find(path(args, ++i)));
        case "--jvm" -> jvmArguments.add(value(args, ++i));
        default -> throw new IllegalArgumentException("Unknown option " + args[i] + "\n" + HELP);
      }
    }
    return new Options(
        full, kinds, counts, peers, rounds, processorTime, implementation, against, jvmArguments);
  }

  /// The columns of the results, ours first.
  List<String> columns() {
    List<String> columns = new ArrayList<>(Peer.COLUMNS);
    against.ifPresent(build -> columns.add(Peer.AGAINST));
    return columns;
  }

  boolean includes(String peer) {
    return peer.equals(Peer.AGAINST) || peers.isEmpty() || peers.contains(peer);
  }

  /// Whether everything is measured as it is meant to be, so that the results are worth keeping.
  boolean isComplete() {
    return rounds == 0
        && !processorTime
        && implementation.isEmpty()
        && against.isEmpty()
        && jvmArguments.isEmpty()
        && kinds.isEmpty()
        && counts.isEmpty()
        && peers.isEmpty();
  }

  Plan plan() {
    Plan plan = (full ? Plan.full() : Plan.brief()).only(kinds, counts);
    return rounds > 0 ? plan.withRounds(rounds) : plan;
  }

  private static String value(String[] args, int index) {
    if (index >= args.length) {
      throw new IllegalArgumentException(args[index - 1] + " needs a value\n" + HELP);
    }
    return args[index];
  }

  /// A path relative to the workspace, from which Maven is started; this process runs in the folder
  /// of its module.
  private static Path path(String[] args, int index) {
    return Path.of(System.getProperty("jitmem.workspace", ""))
        .resolve(value(args, index))
        .toAbsolutePath()
        .normalize();
  }

  private static List<String> names(String[] args, int index, List<String> known) {
    List<String> names = List.of(value(args, index).split(",", -1));
    if (!known.containsAll(names)) {
      throw new IllegalArgumentException(
          args[index - 1] + " takes some of " + String.join(",", known) + ", not " + args[index]);
    }
    return names;
  }

  private static List<Integer> numbers(String[] args, int index) {
    List<Integer> numbers = new ArrayList<>();
    for (String text : value(args, index).split(",", -1)) {
      numbers.add(number(args[index - 1], text));
    }
    return numbers;
  }

  private static int number(String option, String text) {
    int least = option.equals("--n") ? 0 : 1;
    try {
      int number = Integer.parseInt(text);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number that is too small
    }
    throw new IllegalArgumentException(
        option + " takes numbers from " + least + " on, not " + text);
  }
}
