// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A peer's process, which answers one line with one line.
final class WorkerProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final Peer peer;
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;
  private final ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor();

  WorkerProcess(Peer peer) throws IOException {
    this.peer = peer;
    ProcessBuilder builder =
        new ProcessBuilder(peer.command()).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(peer.environment());
    process = builder.start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  Peer peer() {
    return peer;
  }

  /// Asks for something and waits for the answer.
  ///
  /// @throws IOException if the process ended or takes too long
  String ask(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
    Future<String> answer = reader.submit(answers::readLine);
    try {
      String line = answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (line == null) {
        throw new IOException(peer.name() + " ended during: " + request);
      }
      return line;
    } catch (TimeoutException e) {
      throw new IOException(peer.name() + " took longer than " + LIMIT + " for: " + request, e);
    } catch (ExecutionException e) {
      throw new IOException(peer.name() + " failed during: " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted during: " + request, e);
    }
  }

  /// Sets a workload up.
  ///
  /// @return whether the peer has something like it
  boolean open(Case measured) throws IOException {
    return !ask("open " + measured.request()).equals("none");
  }

  @Override
  public void close() {
    process.destroyForcibly();
    reader.close();
  }
}
