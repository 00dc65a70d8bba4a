// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out who can be compared on this machine, and tells what to install for the others.
final class Peers {
  private static final List<Path> LIBRARIES =
      List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib64"), Path.of("/usr/lib"));
  private static final Path ASMJIT_HEADER = Path.of("/usr/include/asmjit/core.h");
  private static final Path SOURCES = Path.of("native");
  private static final Path TWIN = Path.of("target", "twin");

  private final Options options;
  private final PrintStream out;
  private final List<Peer> found = new ArrayList<>();

  Peers(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  List<Peer> find() throws IOException, InterruptedException {
    found.add(new Peer(Peer.JITMEM, javaCommand(), Map.of(), true));
    boolean withAsmJit = Files.exists(ASMJIT_HEADER);
    if (compileTwin(withAsmJit)) {
      if (withAsmJit) {
        found.add(twin(Peer.ASMJIT, "asmjit", Map.of()));
      } else {
        missing(Peer.ASMJIT, "apt-get install libasmjit-dev");
      }
      found.add(twin(Peer.GLIBC, "malloc", Map.of()));
      addPreloaded(Peer.JEMALLOC, "libjemalloc.so.2", "libjemalloc2");
      addPreloaded(Peer.MIMALLOC, "libmimalloc.so.2", "libmimalloc2.0");
    }
    return found.stream().filter(p -> options.includes(p.name())).toList();
  }

  private List<String> javaCommand() {
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options.jvmArguments());
    command.add("-classpath");
    command.add(options.implementation().map(i -> i + ":" + classPath).orElse(classPath));
    command.add("com.example.jitmem.bench.workload.Worker");
    command.addAll(clock());
    return command;
  }

  private boolean compileTwin(boolean withAsmJit) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-o", TWIN.toString()));
    command.add(SOURCES.resolve("twin.cpp").toString());
    if (withAsmJit) {
      command.add("-lasmjit");
      command.add("-lrt");
    }
    command.add("-pthread");
    try {
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IOException("g++ failed: " + String.join(" ", command));
      }
      return true;
    } catch (IOException e) {
      if (Files.isExecutable(Path.of("/usr/bin/g++"))) {
        throw e;
      }
      missing("everything but " + Peer.JITMEM, "apt-get install g++");
      return false;
    }
  }

  private void addPreloaded(String name, String library, String debianPackage) {
    Optional<Path> path =
        LIBRARIES.stream().map(folder -> folder.resolve(library)).filter(Files::exists).findFirst();
    if (path.isPresent()) {
      found.add(twin(name, "malloc", Map.of("LD_PRELOAD", path.get().toString())));
    } else {
      missing(name, "apt-get install " + debianPackage);
    }
  }

  private Peer twin(String name, String kind, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(TWIN.toString(), kind));
    command.addAll(clock());
    return new Peer(name, command, environment, false);
  }

  /// The argument of a worker that says with which clock rounds are measured.
  private List<String> clock() {
    return options.processorTime() ? List.of("cpu") : List.of();
  }

  private void missing(String what, String remedy) {
    out.println("Left out: " + what + ". To compare with it: " + remedy);
  }
}
