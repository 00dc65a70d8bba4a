// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.testing.ChildJvm;
import java.lang.foreign.FunctionDescriptor;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeAccessTest {
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
        refused &= isRefused(expected, () -> FunctionHandles.linked(TYPE, false, false).unbound());
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
  void everyRefusalOfTheJvmNamesTheFlagAgain() throws Exception {
    ChildJvm.run(
            Denied.class,
            List.of("--illegal-native-access=deny"),
            "--enable-native-access=ALL-UNNAMED")
        .assertEndedWell();
  }

  @Test
  void aNamedModuleIsNamedInTheFlag() {
    VirtMemException denied =
        NativeAccess.denied(Object.class.getModule(), new IllegalCallerException());
    assertThat(denied).hasMessageContaining("--enable-native-access=java.base");
    assertThat(denied).hasCauseInstanceOf(IllegalCallerException.class);
  }
}
