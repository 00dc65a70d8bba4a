// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds out who can be compared on this machine, and tells what to install for the others.
final class Peers {
  private static final List<Path> LIBRARIES =
      List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib64"), Path.of("/usr/lib"));
  private static final String COMPILER = "g++";
  private static final String ASMJIT_PACKAGE = "libasmjit-dev";
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
    found.add(new Peer(Peer.JITMEM, "", javaCommand(classPath()), Map.of(), true));
    if (options.against().isPresent()) {
      OtherBuild build = options.against().get();
      String origin = build.implementation().toString();
      found.add(new Peer(Peer.AGAINST, origin, javaCommand(build.classPath()), Map.of(), true));
    }
    if (Peer.NATIVE.stream().anyMatch(options::includes)) {
      addNative();
    }
    return found.stream().filter(p -> options.includes(p.name())).toList();
  }

  private String classPath() {
    String classPath = System.getProperty("java.class.path");
    return options.implementation().map(i -> i + File.pathSeparator + classPath).orElse(classPath);
  }

  private void addNative() throws IOException, InterruptedException {
    if (!isInstalled(COMPILER)) {
      missing("everything but " + Peer.JITMEM, "apt-get install g++");
    } else {
      if (hasAsmJit() && compileTwin(true)) {
        found.add(twin(Peer.ASMJIT, ASMJIT_PACKAGE, "asmjit", Map.of()));
      } else if (!compileTwin(false)) {
        throw new IOException("The C++ part does not compile, see above");
      }
      found.add(twin(Peer.GLIBC, "libc6", "malloc", Map.of()));
      addPreloaded(Peer.JEMALLOC, "libjemalloc.so.2", "libjemalloc2");
      addPreloaded(Peer.MIMALLOC, "libmimalloc.so.2", "libmimalloc2.0");
    }
  }

  private static boolean isInstalled(String command) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin");
    return Stream.of(path.split(":", -1)).anyMatch(f -> Files.isExecutable(Path.of(f, command)));
  }

  private boolean hasAsmJit() {
    boolean there = Files.exists(ASMJIT_HEADER);
    if (!there) {
      missing(Peer.ASMJIT, "apt-get install " + ASMJIT_PACKAGE);
    }
    return there;
  }

  /// Compiles the C++ part.
  ///
  /// @return whether it compiled; with AsmJit it may not if that is another version than that of
  ///     2022, whose interface it uses
  private boolean compileTwin(boolean withAsmJit) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(COMPILER));
    command.addAll(List.of("-std=c++20", "-O2", "-Wall", "-Wextra", "-pthread"));
    command.addAll(List.of("-o", TWIN.toString(), SOURCES.resolve("twin.cpp").toString()));
    command.addAll(withAsmJit ? List.of("-DTWIN_HAS_ASMJIT=1", "-lasmjit", "-lrt") : List.of());
    boolean compiled = new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    if (!compiled && withAsmJit) {
      missing(
          Peer.ASMJIT, "see why g++ failed above; version 1.9, that of Debian 12, is known to do");
    }
    return compiled;
  }

  private List<String> javaCommand(String classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options.jvmArguments());
    command.add("-classpath");
    command.add(classPath);
    command.add("com.example.jitmem.bench.workload.Worker");
    command.addAll(clock());
    return command;
  }

  private void addPreloaded(String name, String library, String debianPackage) {
    Optional<Path> path =
        LIBRARIES.stream().map(folder -> folder.resolve(library)).filter(Files::exists).findFirst();
    if (path.isPresent()) {
      Map<String, String> environment = Map.of("LD_PRELOAD", path.get().toString());
      found.add(twin(name, debianPackage, "malloc", environment));
    } else {
      missing(name, "apt-get install " + debianPackage);
    }
  }

  private Peer twin(
      String name, String debianPackage, String kind, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(TWIN.toString(), kind));
    command.addAll(clock());
    return new Peer(name, Machine.debianVersion(debianPackage), command, environment, false);
  }

  /// The argument of a worker that says with which clock rounds are measured.
  private List<String> clock() {
    return options.processorTime() ? List.of("cpu") : List.of();
  }

  private void missing(String what, String remedy) {
    out.println("Left out: " + what + ". To compare with it: " + remedy);
  }
}
