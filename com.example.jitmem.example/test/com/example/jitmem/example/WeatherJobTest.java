// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WeatherJobTest {
  private final OwnedJitAllocator allocator = PlainJvm.allocator();
  private final JitRuntime runtime = PlainJvm.runtime(allocator);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void noSpanIsLeft() {
    assertThat(allocator.statistics().spanCount()).isZero();
    allocator.close();
  }

  @Test
  void theDefaultFormulasAgreeWithPlainJava() throws Exception {
    assertThat(run(runtime)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    // Sums and extremes were computed from the file by another program
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("seattle-weather.csv, 1461 rows\n")
        .contains("growing degree days: max(0, (temp_max + temp_min) / 2 - 10)\n")
        .contains("  first rows    0.000  0.000  0.000  0.000  0.000\n")
        .contains("  sum           5533.900, smallest 0.000, largest 16.700\n")
        .contains("daily range: temp_max - temp_min\n")
        .contains("  first rows    7.800  7.800  4.500  6.600  6.100\n")
        .contains("  sum           11986.500, smallest 0.600, largest 18.900\n")
        .contains(": (10.45 + 10 * sqrt(wind) - wind) * (33 - (temp_max + temp_min) / 2)\n")
        .contains("  sum           749760.034, smallest 151.039, largest 1063.457\n")
        .containsPattern("  code          \\d+ bytes at 0x[0-9a-f]+\n")
        .containsPattern("  time per row  \\d+\\.\\d\\d ns as machine code\n")
        .containsPattern("                \\d+\\.\\d\\d ns in plain Java, walking the tree\n")
        .containsPattern("                \\d+\\.\\d\\d ns in plain Java, written by hand\n")
        .containsPattern("allocator before release: 3 spans, [1-9]\\d* bytes used")
        .contains("allocator after release: 0 spans, 0 bytes used");
    assertThat(out.toString(StandardCharsets.UTF_8).split("1461 of 1461 rows equal", -1))
        .hasSize(4);
  }

  @Test
  void ownFormulasAndFilesAreTaken(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("own.csv"), "x,y\n3,4\n5,12\n");
    assertThat(
            run(
                runtime,
                "--file",
                file.toString(),
                "--formula",
                "sqrt(x*x + y*y)",
                "--formula",
                "-x"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("own.csv, 2 rows\n")
        .contains("your formula: sqrt(x*x + y*y)\n")
        .contains("  first rows    5.000  13.000\n")
        .contains("  sum           18.000, smallest 5.000, largest 13.000\n")
        .contains("  first rows    -3.000  -5.000\n")
        .contains("2 of 2 rows equal plain Java bit for bit")
        .doesNotContain("written by hand");
  }

  @Test
  void aDifferenceMakesTheStatusOne() throws Exception {
    JitRuntime wrong =
        new RuntimeWrapper(runtime) {
          @Override
          public JitFunction add(
              MemorySegment code, FunctionDescriptor type, FunctionOptions options) {
            return super.add(MemorySegment.ofArray(swapped()), type, options);
          }
        };
    assertThat(run(wrong, "--formula", "temp_max - temp_min")).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("0 of 1461 rows equal plain Java bit for bit")
        .contains("allocator after release: 0 spans");
  }

  private static byte[] swapped() {
    try {
      return FormulaCompiler.compile(FormulaParser.parse("0 * temp_max - 1 - temp_min"));
    } catch (InputException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whenMemoryIsRefusedTheFunctionsPlacedSoFarEnd() throws Exception {
    JitRuntime failing =
        new RuntimeWrapper(runtime) {
          private int count;

          @Override
          public JitFunction add(
              MemorySegment code, FunctionDescriptor type, FunctionOptions options) {
            if (++count == 3) {
              assertThat(allocator.statistics().spanCount()).isEqualTo(2);
              throw new VirtMemException(
                  VirtMemException.Reason.OUT_OF_MEMORY, "no memory; buy some");
            }
            return super.add(code, type, options);
          }
        };
    assertThat(run(failing)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("error: no memory; buy some\n");
  }

  @Test
  void anotherArchitectureIsRefused() throws Exception {
    JitRuntime arm =
        new RuntimeWrapper(runtime) {
          @Override
          public Architecture architecture() {
            return Architecture.AARCH64;
          }
        };
    assertThat(run(arm)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("error: formulas are compiled to x86-64 code")
        .contains("this is AARCH64 on ");
  }

  @Test
  void whatTheUserGotWrongIsOneLine() throws Exception {
    assertThat(run(runtime, "--formula", "temp_max - snow")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "error: seattle-weather.csv has no column \"snow\"; it has"
                + " \"date, precipitation, temp_max, temp_min, wind, weather\"\n");
    assertThat(out.size()).isZero();
  }

  @Test
  void helpNeedsNoRuntime() throws Exception {
    assertThat(job("--help").call()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("usage: ").endsWith("be used.\n");
  }

  @Test
  void aRuntimeThatComesLateIsWaitedFor() throws Exception {
    WeatherJob job = job("--formula", "1");
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(
            () -> job.bindRuntime(runtime),
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
    assertThat(job.call()).isZero();
    late.join();
  }

  @Test
  void aRuntimeThatWentAwayIsNotUsed() throws Exception {
    WeatherJob job = job();
    job.bindRuntime(runtime);
    job.unbindRuntime(runtime);
    System.setProperty("com.example.jitmem.example.service.seconds", "0");
    try {
      assertThat(job.call()).isEqualTo(2);
    } finally {
      System.clearProperty("com.example.jitmem.example.service.seconds");
    }
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "error: there is no service com.example.jitmem.api.runtime.JitRuntime after 0 s:"
                + " is the bundle com.example.jitmem.impl there and started?"
                + " It says above what it was refused\n");
  }

  private int run(JitRuntime used, String... arguments) throws Exception {
    WeatherJob job = job(arguments);
    job.bindRuntime(used);
    return job.call();
  }

  private WeatherJob job(String... arguments) {
    return new WeatherJob(
        arguments,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
