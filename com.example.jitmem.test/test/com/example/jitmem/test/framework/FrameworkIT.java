// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.framework;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameworkIT {
  private static final String FELIX = "org.apache.felix.framework";
  private static final String EQUINOX = "org.eclipse.osgi";
  private static final String GRANT = "--enable-native-access=ALL-UNNAMED";
  private static final String DENY = "--illegal-native-access=deny";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {FELIX, EQUINOX})
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void servicesAreThereWhereNativeAccessIsGranted(String framework) throws Exception {
    List<String> output = new ChildFramework(framework, folder).run(GRANT, DENY);

    assertThat(services(output))
        .contains(
            VirtMem.class.getName(),
            JitAllocator.class.getName(),
            JitRuntime.class.getName(),
            JitAllocatorFactory.class.getName(),
            JitRuntimeFactory.class.getName());
    assertThat(output)
        .noneMatch(line -> line.contains("SEVERE"))
        .endsWith(FrameworkProgram.STOPPED);
  }

  @ParameterizedTest
  @ValueSource(strings = {FELIX, EQUINOX})
  void denialIsLoggedOnceWithTheFlagAndThereIsNoService(String framework) throws Exception {
    List<String> output = new ChildFramework(framework, folder).run(DENY);

    assertRefused(output, GRANT);
  }

  @ParameterizedTest
  @ValueSource(strings = FELIX)
  void unsupportedSystemIsLoggedOnceAndThereIsNoService(String framework) throws Exception {
    List<String> output = new ChildFramework(framework, folder).run(GRANT, "-Dos.arch=riscv64");

    assertRefused(output, "riscv64");
  }

  private static void assertRefused(List<String> output, String cause) {
    assertThat(output)
        .filteredOn(line -> line.contains("SEVERE"))
        .as("One message")
        .singleElement()
        .asString()
        .contains("no service is registered", cause);
    assertThat(services(output)).isEmpty();
    assertThat(output)
        .noneMatch(line -> line.contains("Exception"))
        .endsWith(FrameworkProgram.STOPPED);
  }

  private static Stream<String> services(List<String> output) {
    return output.stream()
        .filter(line -> line.startsWith(FrameworkProgram.SERVICE))
        .map(line -> line.substring(FrameworkProgram.SERVICE.length()));
  }
}
