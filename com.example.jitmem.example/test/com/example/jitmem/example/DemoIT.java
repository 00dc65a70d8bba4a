// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Starts the exported jar as its users do. The build passes the jar, and the home of the Java that
/// Maven runs on, which may be older than what the jar needs.
@Execution(ExecutionMode.CONCURRENT)
class DemoIT {
  private static final Path DEMO_JAR = Path.of(System.getProperty("demo.jar"));
  private static final String MAIN_CLASS = "com.example.jitmem.example.launch.Main";
  private static final int SECONDS = 60;

  /// Felix 7.0.5 makes Java 25 print warnings.
  private static final String NO_UNSAFE_WARNINGS = "--sun-misc-unsafe-memory-access=allow";

  private static final String DENY = "--illegal-native-access=deny";

  @TempDir private Path folder;
  private Path out;
  private Path err;

  @BeforeEach
  void captureOutput() {
    out = folder.resolve("out.txt");
    err = folder.resolve("err.txt");
  }

  @Test
  void theMainJobAgreesWithPlainJavaAndLeavesNoSpan() throws Exception {
    assertThat(demo(List.of(DENY))).as(this::output).isZero();
    assertThat(Files.readString(err)).isEmpty();
    assertThat(Files.readString(out))
        .startsWith("seattle-weather.csv, 1461 rows\ncode writing: ")
        .contains("growing degree days: max(0, (temp_max + temp_min) / 2 - 10)\n")
        .contains("daily range: temp_max - temp_min\n")
        .contains("wind chill")
        .containsPattern("allocator before release: 3 spans, [1-9]\\d* bytes used")
        .contains("allocator after release: 0 spans, 0 bytes used");
    assertThat(Files.readString(out).split("1461 of 1461 rows equal plain Java", -1)).hasSize(4);
  }

  @Test
  void ownFormulasAndFilesAreTaken() throws Exception {
    Path file = Files.writeString(folder.resolve("own.csv"), "x,y\r\n3,4\r\n5,12\r\n");
    assertThat(demo(List.of(), "--file", file.toString(), "--formula", "-sqrt(x * x + y * y)"))
        .as(this::output)
        .isZero();
    assertThat(Files.readString(out)).contains("first rows    -5.000  -13.000\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "'x,y\n1,2\n'    | x + z | error: file \"FILE\" has no column \"z\"; it has \"x, y\"",
        "'x\n1\n'        | x +   | error: formula \"x +\", position 4: "
            + "expected a number, a column, a function or ( but the formula ends",
        "'x\n1\nwarm\n'  | x     | error: file \"FILE\", line 3, column x: "
            + "\"warm\" is not a number",
        "''              | x     | error: file \"FILE\" is empty",
        "                | x     | error: file \"FILE\" does not exist",
      })
  void whatTheUserGotWrongIsOneLineAndStatusTwo(
      @Nullable String table, String formula, String message) throws Exception {
    Path csv = folder.resolve("t.csv");
    if (table != null) {
      Files.writeString(csv, table);
    }
    assertThat(demo(List.of(), "--file", csv.toString(), "--formula", formula)).isEqualTo(2);
    assertThat(Files.readString(err)).isEqualTo(message.replace("FILE", csv.toString()) + "\n");
    assertThat(Files.readString(out)).isEmpty();
  }

  @Test
  void deniedNativeAccessEndsWithTheFlagToSet() throws Exception {
    // The manifest, which grants access, counts only with -jar
    assertThat(
            run(
                java(System.getProperty("java.home")),
                List.of(NO_UNSAFE_WARNINGS, DENY, waitSeconds("service", 1)),
                List.of("-cp", DEMO_JAR.toString(), MAIN_CLASS)))
        .as(this::output)
        .isEqualTo(2);
    assertOneErrorWithoutTrace(
        "there is no service com.example.jitmem.api.runtime.JitRuntime after 1 s:"
            + " native access is denied; start java with --enable-native-access=ALL-UNNAMED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"com.example.jitmem.impl", "org.apache.felix.scr"})
  void bundlesThatDoNotResolveEndTheLauncher(String missing) throws Exception {
    assertThat(demo(List.of(bundlesWithout(missing), waitSeconds("start", 1))))
        .as(this::output)
        .isEqualTo(2);
    assertThat(Files.readString(err))
        .endsWith("error: the application has not begun after 1 s; did all bundles resolve?\n");
  }

  @Test
  void anOlderJavaIsToldWhatIsNeeded() throws Exception {
    Path older = java(System.getProperty("maven.java.home"));
    assertThat(run(older, List.of(), List.of("-version"))).isZero();
    String version = Files.readString(err).replaceAll("(?s).*? version \"(\\d+).*", "$1");
    assumeTrue(Integer.parseInt(version) < 25, "Maven runs on a Java that is not older");

    assertThat(run(older, List.of(), List.of("-jar", DEMO_JAR.toString()))).isEqualTo(2);
    assertThat(Files.readString(err))
        .isEqualTo("error: Java 25 or newer is needed, but this is Java " + version + "\n");
    assertThat(Files.readString(out)).isEmpty();
  }

  private void assertOneErrorWithoutTrace(String message) throws Exception {
    List<String> lines = Files.readAllLines(err);
    assertThat(lines)
        .filteredOn(line -> line.startsWith("error: "))
        .containsExactly("error: " + message);
    assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
  }

  /// A system property that tells the launcher to start all bundles of the jar but one.
  private static String bundlesWithout(String symbolicName) throws Exception {
    try (JarFile jar = new JarFile(DEMO_JAR.toFile())) {
      return jar.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.matches("jar/.*\\.jar"))
          .filter(name -> !name.matches("jar/(biz.aQute.launcher|org.apache.felix.framework)-.*"))
          .filter(name -> !name.matches("jar/" + Pattern.quote(symbolicName) + "-.*"))
          .collect(Collectors.joining(",", "-Dlaunch.bundles=", ""));
    }
  }

  private static String waitSeconds(String what, int seconds) {
    return "-Dcom.example.jitmem.example." + what + ".seconds=" + seconds;
  }

  private int demo(List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("-jar", DEMO_JAR.toString()));
    Collections.addAll(command, arguments);
    List<String> allOptions = new ArrayList<>(options);
    allOptions.add(NO_UNSAFE_WARNINGS);
    return run(java(System.getProperty("java.home")), allOptions, command);
  }

  private static Path java(String home) {
    return Path.of(home, "bin", "java");
  }

  private int run(Path java, List<String> options, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(options);
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .start();
    try {
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as(this::output).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private String output() {
    try {
      return Files.readString(out) + Files.readString(err);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
