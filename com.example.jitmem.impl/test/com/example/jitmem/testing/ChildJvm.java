// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs programs in JVMs of their own, of the same Java as this one.
public final class ChildJvm {
  private static final long TIME_LIMIT_SECONDS = 120;

  private ChildJvm() {}

  /// How a program ended.
  ///
  /// @param status its exit status
  /// @param output what it wrote to its standard and error output
  public record Result(int status, String output) {
    /// Checks that the program ended well.
    ///
    /// @return what it wrote
    public String assertEndedWell() {
      assertThat(status).as("status of a JVM that printed: %s", output).isZero();
      return output;
    }

    /// What the program wrote, line by line.
    public List<String> lines() {
      return output.lines().toList();
    }
  }

  /// The command that runs Java, without options.
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /// Runs the main class of a test on this JVM's class path.
  ///
  /// @param options of the JVM
  /// @param arguments of the program
  public static Result run(Class<?> program, List<String> options, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    Collections.addAll(command, arguments);
    return run(command);
  }

  /// Runs a command to its end.
  ///
  /// @throws IOException if it cannot be started
  public static Result run(List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Java would mention them in its output
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> outputOf(process));
    try {
      assertThat(process.waitFor(TIME_LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("%s ends within %d s", command, TIME_LIMIT_SECONDS)
          .isTrue();
      // Before the process is destroyed, which closes what its output is read from
      return new Result(process.exitValue(), output.get(TIME_LIMIT_SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String outputOf(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
