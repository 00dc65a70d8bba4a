// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NativeAccessTest {
  private static final int CHILD_TIMEOUT = 60;

  /// What the child JVM runs: asks twice for a call and twice for a handle.
  static final class Denied {
    private static final CFunction GETPAGESIZE = CFunction.of("getpagesize", CType.INT32);
    private static final FunctionDescriptor TYPE = FunctionDescriptor.ofVoid();

    private Denied() {}

    /// Exits with 0 if all four attempts were refused in the same words, as they should be.
    public static void main(String[] arguments) {
      String expected = arguments[0];
      boolean refused = true;
      for (int attempt = 0; attempt < 2; attempt++) {
        refused &= isRefused(expected, () -> new Downcalls(Downcalls.ERRNO).call(GETPAGESIZE));
        refused &= isRefused(expected, () -> FunctionHandles.unbound(TYPE, false, false));
      }
      System.exit(refused ? 0 : 1);
    }

    private static boolean isRefused(String expected, Runnable attempt) {
      try {
        attempt.run();
        return false;
      } catch (VirtMemException e) {
        return e.reason() == VirtMemException.Reason.DENIED_BY_POLICY
            && String.valueOf(e.getMessage()).contains(expected);
      }
    }
  }

  @Test
  @Timeout(2 * CHILD_TIMEOUT)
  void everyRefusalOfTheJvmNamesTheFlagAgain() throws Exception {
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--illegal-native-access=deny",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Denied.class.getName(),
                    "--enable-native-access=ALL-UNNAMED"))
            .inheritIO()
            .start();
    try {
      assertThat(child.waitFor(CHILD_TIMEOUT, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void aNamedModuleIsNamedInTheFlag() {
    VirtMemException denied =
        NativeAccess.denied(Object.class.getModule(), new IllegalCallerException());
    assertThat(denied).hasMessageContaining("--enable-native-access=java.base");
    assertThat(denied).hasCauseInstanceOf(IllegalCallerException.class);
  }
}
