// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class HelloJitTest {
  private static final String SOURCE = "src/com/example/jitmem/example/HelloJit.java";

  @Test
  void itPrintsWhatTheMachineCodeReturns() throws Throwable {
    var out = new ByteArrayOutputStream();
    PrintStream original = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try (OwnedJitAllocator allocator = PlainJvm.allocator()) {
      new HelloJit(PlainJvm.runtime(allocator));
      assertThat(allocator.statistics().spanCount()).isZero();
    } finally {
      System.setOut(original);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("42\n");
  }

  @Test
  void readmeShowsIt() throws Exception {
    String source = Files.readString(Path.of(SOURCE));
    String shown =
        source
            .substring(source.indexOf("@Component"))
            .lines()
            .filter(line -> !line.strip().startsWith("///"))
            .collect(Collectors.joining("\n"));
    assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + shown + "\n```");
  }
}
