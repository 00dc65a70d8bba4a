// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/// Runs [HardenedProgram] in a JVM under a policy.
final class HardenedJvm {
  /// The status of a program or script that cannot set its policy up.
  static final int NOT_POSSIBLE = 77;

  /// The code cache does not grow while the program runs: under PR_SET_MDWE it could not.
  private static final List<String> OPTIONS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "-XX:+UseSerialGC",
          "-Xmx64m",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=32m",
          "-XX:InitialCodeCacheSize=32m");

  private HardenedJvm() {}

  /// A line that the program printed.
  ///
  /// @param kind `way` or `request`
  /// @param subject the way or the request
  /// @param outcome `runs` or `refused`
  /// @param detail what runs how, or the message of the refusal
  record Line(String kind, String subject, String outcome, String detail) {
    private static final Pattern REFUSAL =
        Pattern.compile("(\\w+)(?: with \\w+)? failed with (\\w+)");

    private static Line of(String text) {
      String[] parts = text.split("\\|", 4);
      assertThat(parts).as("a line of the program: %s", text).hasSize(4);
      return new Line(parts[0], parts[1], parts[2], parts[3]);
    }

    boolean runs() {
      return outcome.equals("runs");
    }

    /// The outcome in a few words: `runs`, or the call and its error, or the limit.
    String summary() {
      if (!runs()) {
        return refusal(detail);
      }
      String forms = detail.contains("MFD_EXEC") ? ", without `MFD_EXEC`" : "";
      int large = detail.indexOf("a large span: ") + "a large span: ".length();
      String rest = detail.substring(large);
      return "runs" + forms + (rest.equals("written") ? "" : "; 4 MiB: " + refusal(rest));
    }

    private static String refusal(String message) {
      Matcher failed = REFUSAL.matcher(message);
      if (failed.find()) {
        return failed.group(1) + " " + failed.group(2);
      }
      assertThat(message).contains("RLIMIT_FSIZE");
      return "`RLIMIT_FSIZE`";
    }
  }

  /// Runs the program.
  ///
  /// @param policy what the program puts on itself
  /// @param script what a shell does first, in namespaces of its own; empty for nothing
  /// @param options more options for the JVM
  /// @return what it printed; the test is aborted with the reason if the policy is not to be had
  static List<Line> run(ProcessPolicy policy, String script, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    if (!script.isEmpty()) {
      command.addAll(List.of("unshare", "-Urmpf", "--mount-proc", "--kill-child", "sh", "-c"));
      command.addAll(
          List.of("{ " + script + "; } || exit " + NOT_POSSIBLE + "; exec \"$@\"", "sh"));
    }
    command.add(ChildJvm.java());
    command.addAll(OPTIONS);
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(HardenedProgram.class.getName(), policy.name()));
    return lines(result(command));
  }

  private static ChildJvm.Result result(List<String> command) throws Exception {
    try {
      return ChildJvm.run(command);
    } catch (IOException e) {
      throw skipped(command.getFirst() + " cannot be started: " + e.getMessage());
    }
  }

  private static List<Line> lines(ChildJvm.Result result) {
    if (result.status() == NOT_POSSIBLE || result.output().startsWith("unshare: ")) {
      throw skipped(result.output().strip());
    }
    return result
        .assertEndedWell()
        .lines()
        .filter(line -> line.contains("|"))
        .map(Line::of)
        .toList();
  }

  private static TestAbortedException skipped(String reason) {
    System.out.println("Skipped, because a policy cannot be set up here: " + reason);
    return new TestAbortedException(reason);
  }
}
