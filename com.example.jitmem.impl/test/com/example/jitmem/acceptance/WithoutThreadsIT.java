// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.testing.ChildJvm;
import com.example.jitmem.testing.OnLinux;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/// A process in which no thread can be started any more, as at the limit of a container: empty
/// memory is given back all the same, and without much ado.
///
/// The limit counts the processes of a user and does not apply to root, see getrlimit(2). So the
/// child belongs to a user without any, who may read everything to find its classes.
@OnLinux
class WithoutThreadsIT {
  private static final int LIMIT = 300;
  private static final int UNPRIVILEGED = 65534;

  /// Lines about threads that could not be started. The JVM writes two for each try.
  private static final int MOST_LINES = 40;

  private static final String CAPABILITIES = "+dac_read_search,+dac_override";

  @Test
  void anAllocatorWorksAndGivesBackAndSaysLittle() throws Exception {
    List<String> lines = run().lines();
    assertThat(lines).contains(WithoutThreads.FULL, WithoutThreads.DONE, WithoutThreads.GIVEN_BACK);
    int full = lines.indexOf(WithoutThreads.FULL);
    int done = lines.indexOf(WithoutThreads.DONE);
    assertThat(lines.subList(full + 1, done)).hasSizeBetween(1, MOST_LINES);
  }

  private static ChildJvm.Result run() throws Exception {
    List<String> command = new ArrayList<>(prefix());
    checkUsable(command);
    command.add(ChildJvm.java());
    // The JVM itself is to start none either
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UseDynamicNumberOfCompilerThreads"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath()));
    command.add(WithoutThreads.class.getName());
    ChildJvm.Result result = ChildJvm.run(command);
    if (result.lines().contains(WithoutThreads.NO_LIMIT)) {
      throw new TestAbortedException("The number of threads cannot be limited here");
    }
    result.assertEndedWell();
    return result;
  }

  private static List<String> prefix() {
    String user = Integer.toString(UNPRIVILEGED);
    return List.of(
        "setpriv",
        "--reuid=" + user,
        "--regid=" + user,
        "--clear-groups",
        "--inh-caps=" + CAPABILITIES,
        "--ambient-caps=" + CAPABILITIES,
        "prlimit",
        "--nproc=" + LIMIT);
  }

  private static void checkUsable(List<String> prefix) throws Exception {
    List<String> command = new ArrayList<>(prefix);
    command.add("true");
    try {
      ChildJvm.Result result = ChildJvm.run(command);
      if (result.status() != 0) {
        throw new TestAbortedException("No process of another user: " + result.output());
      }
    } catch (IOException e) {
      throw new TestAbortedException("No process of another user: " + e.getMessage(), e);
    }
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }
}
