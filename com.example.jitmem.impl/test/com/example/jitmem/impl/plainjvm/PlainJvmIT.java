// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.plainjvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.VirtMemException.Reason;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.plainjvm.program.FirstLight;
import com.example.jitmem.impl.plainjvm.program.Refused;
import com.example.jitmem.testing.ChildJvm;
import com.example.jitmem.testing.OnLinux;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same core without OSGi: services by `ServiceLoader`, machine code runs, memory goes back.
class PlainJvmIT {
  private static final String DENY = "--illegal-native-access=deny";
  private static final String GRANT_TO_ALL = "--enable-native-access=ALL-UNNAMED";
  private static final String GRANT_TO_MODULE = "--enable-native-access=com.example.jitmem.impl";

  @TempDir Path folder;

  @Test
  @OnLinux
  void codeRunsOnTheClassPath() throws Exception {
    String log = folder.resolve("mappings").toString();

    assertThatAllWentWell(
        new PlainJvm(folder.resolve("classes"))
            .with(GRANT_TO_ALL, DENY, "-D" + MappingLog.PROPERTY + "=" + log)
            .runOnClassPath(FirstLight.class, log));
  }

  @Test
  @OnLinux
  void codeRunsOnTheModulePathWithAGrantToTheImplementationOnly() throws Exception {
    String log = folder.resolve("mappings").toString();

    assertThatAllWentWell(
        new PlainJvm(folder.resolve("classes"))
            .with(GRANT_TO_MODULE, DENY, "-D" + MappingLog.PROPERTY + "=" + log)
            .runOnModulePath(FirstLight.class, log));
  }

  @Test
  void aDenialOnTheClassPathNamesTheFlagEveryTime() throws Exception {
    ChildJvm.Result result =
        new PlainJvm(folder.resolve("classes")).with(DENY).runOnClassPath(Refused.class);

    assertThatEachIsRefused(result, Reason.DENIED_BY_POLICY, GRANT_TO_ALL);
  }

  @Test
  void aDenialOnTheModulePathNamesTheFlagEveryTime() throws Exception {
    ChildJvm.Result result =
        new PlainJvm(folder.resolve("classes")).with(DENY).runOnModulePath(Refused.class);

    assertThatEachIsRefused(result, Reason.DENIED_BY_POLICY, GRANT_TO_MODULE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Dos.name=Plan9", "-Dos.arch=riscv64"})
  void anUnsupportedSystemIsRefusedAndToldWhatIsSupported(String system) throws Exception {
    ChildJvm.Result result =
        new PlainJvm(folder.resolve("classes"))
            .with(GRANT_TO_ALL, DENY, system)
            .runOnClassPath(Refused.class);

    assertThatEachIsRefused(result, Reason.NOT_SUPPORTED, "Linux");
    assertThat(result.lines()).allMatch(line -> line.contains("x86-64"));
    assertThat(result.lines())
        .allMatch(line -> line.contains(system.substring(system.indexOf('=') + 1)));
  }

  private static void assertThatAllWentWell(ChildJvm.Result result) {
    assertThat(result.assertEndedWell()).isEmpty();
  }

  private static void assertThatEachIsRefused(ChildJvm.Result result, Reason reason, String part) {
    assertThat(result.lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith(reason + " ") && line.contains(part));
    assertThat(result.lines().stream().distinct()).hasSize(1);
    assertThat(result.status()).isZero();
  }
}
