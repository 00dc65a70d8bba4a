// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.impl.virtmem.HardenedJvm.Line;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Code in processes that may not do everything. What becomes of each way of writing it under each
/// policy is compared with the table in `doc/linux.md`, on a kernel of the version named there.
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "doc/linux.md has what happens on x86-64")
class HardenedIT {
  private static final Path TABLE = Path.of("..", "doc", "linux.md");

  private static final Pattern TABLE_VERSION =
      Pattern.compile("What each policy does to each way of writing code, on Linux (\\d+\\.\\d+):");

  @TempDir Path folder;

  /// A policy, which is a row of the table.
  enum Row {
    NONE("none", ProcessPolicy.NONE, "", ""),
    MDWE("`PR_SET_MDWE`", ProcessPolicy.MDWE, "", "PR_SET_MDWE"),
    ADDRESSES("`RLIMIT_AS`, 256 MiB left", ProcessPolicy.ADDRESSES, "", "RLIMIT_AS"),
    FILE_SIZE_0("`RLIMIT_FSIZE` 0", ProcessPolicy.FILE_SIZE_0, "", "RLIMIT_FSIZE"),
    FILE_SIZE_1M("`RLIMIT_FSIZE` 1 MiB", ProcessPolicy.FILE_SIZE_1M, "", "RLIMIT_FSIZE"),
    DESCRIPTORS("`RLIMIT_NOFILE` 0", ProcessPolicy.DESCRIPTORS, "", "RLIMIT_NOFILE"),
    MEMFD_1(
        "`vm.memfd_noexec` 1",
        ProcessPolicy.NONE,
        "echo 1 > /proc/sys/vm/memfd_noexec",
        "vm.memfd_noexec"),
    MEMFD_2(
        "`vm.memfd_noexec` 2",
        ProcessPolicy.NONE,
        "echo 2 > /proc/sys/vm/memfd_noexec",
        "vm.memfd_noexec"),
    NOEXEC(
        "`/dev/shm` and `java.io.tmpdir` mounted `noexec`",
        ProcessPolicy.NONE,
        "mount -t tmpfs -o noexec none /dev/shm && mount -t tmpfs -o noexec none FOLDER",
        "noexec"),
    FULL(
        "`/dev/shm` and `java.io.tmpdir` of 1 MiB",
        ProcessPolicy.NONE,
        "mount -t tmpfs -o size=1m none /dev/shm && mount -t tmpfs -o size=1m none FOLDER",
        "file system that holds the memory is full");

    private final String title;
    private final ProcessPolicy policy;
    private final String script;

    /// What each refusal says.
    private final String named;

    Row(String title, ProcessPolicy policy, String script, String named) {
      this.title = title;
      this.policy = policy;
      this.script = script;
      this.named = named;
    }
  }

  @ParameterizedTest
  @EnumSource
  void codeRunsOrTheRefusalNamesThePolicy(Row row) throws Exception {
    List<Line> lines =
        HardenedJvm.run(
            row.policy,
            row.script.replace("FOLDER", folder.toString()),
            "-Djava.io.tmpdir=" + folder,
            "-XX:ErrorFile=" + folder.resolve("crash"));
    List<Line> ways = lines.stream().filter(line -> line.kind().equals("way")).toList();
    assertThat(ways).hasSameSizeAs(TestSystem.allWays());
    assertThat(ways)
        .filteredOn(line -> !line.summary().startsWith("runs"))
        .allSatisfy(line -> assertThat(line.detail()).contains(row.named));
    assertThat(lines)
        .filteredOn(line -> List.of("default", "no options").contains(line.subject()))
        .hasSize(2)
        .allMatch(Line::runs);
    if (row == Row.ADDRESSES) {
      checkThatRegionsAreSmall(ways);
    }
    assertThat(lines)
        .filteredOn(line -> line.kind().equals("placed"))
        .singleElement()
        .satisfies(line -> checkPlaced(row, line));
    compareWithTable(row, ways.stream().map(Line::summary).toList());
  }

  /// The list of mappings, which is read for that, takes a descriptor.
  private static void checkPlaced(Row row, Line line) {
    if (row == Row.DESCRIPTORS) {
      assertThat(line.detail())
          .contains("TOO_MANY_HANDLES", "open failed with EMFILE (24)", "RLIMIT_NOFILE");
    } else {
      assertThat(line.runs()).as(line.detail()).isTrue();
    }
  }

  private static void compareWithTable(Row row, List<String> found) throws Exception {
    System.out.println("| " + row.title + " | " + String.join(" | ", found) + " |");
    List<String> page = Files.readAllLines(TABLE);
    Matcher version = TABLE_VERSION.matcher(String.join("\n", page));
    assertThat(version.find()).as("doc/linux.md has the table").isTrue();
    String kernel = System.getProperty("os.version");
    boolean comparable = kernel.startsWith(version.group(1) + ".");
    String reason = "The table is of Linux " + version.group(1) + " and this is " + kernel;
    if (!comparable) {
      System.out.println("Not compared: " + reason);
    }
    assumeTrue(comparable, reason);
    assertThat(page)
        .filteredOn(line -> line.startsWith("| " + row.title + " |"))
        .singleElement()
        .satisfies(
            line ->
                assertThat(Arrays.stream(line.split("\\|")).skip(2).map(String::strip))
                    .isEqualTo(found));
  }

  /// Regions are to leave most of the addresses to the JVM and the C library. They take an eighth
  /// and have guards around them, and the JVM may have given something back meanwhile.
  private static void checkThatRegionsAreSmall(List<Line> lines) {
    Pattern regions = Pattern.compile("regions of (\\d+) bytes");
    for (Line line : lines) {
      Matcher size = regions.matcher(line.detail());
      assertThat(size.find()).as(line.detail()).isTrue();
      long ranges = line.detail().contains("SHARED_ANONYMOUS") ? 3 : 1;
      assertThat(Long.parseLong(size.group(1)) * ranges)
          .as(line.detail())
          .isLessThan(ProcessPolicy.ADDRESSES_LEFT / 4);
    }
  }
}
