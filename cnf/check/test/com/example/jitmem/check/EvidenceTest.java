// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the documents say of the record is what the record says, rounded to the digits they give.
class EvidenceTest {
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| ([^|]+) \\| ([\\d.,]+)(?: (\\S+))? \\| ([\\d.,]+)(?: (\\S+))? \\| ([\\d.,]+) "
              + "\\| (win|even|loss) \\|$",
          Pattern.MULTILINE);

  private static final Map<String, Integer> POWERS = Map.of("ns", 0, "µs", -3, "ms", -6);
  private static final BigDecimal EVEN = new BigDecimal("0.05");
  private static final int TABLE_ROWS = 11;

  private final String readme = Document.read(Path.of("README.md")).text();
  private final String performance = Document.read(Path.of("doc/performance.md")).text();
  private final Results results = new Results();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          replace random spans|churn|10000
          replace random spans among 1,000,000|churn|1000000
          slowest 1 % of replacements|churn-p99|10000
          allocate and release at once, two threads on one allocator|pair-threads-2|0
          used share of committed memory after replacements|used-reserved|10000
          look up the span at an address|query|10000
          allocate in a row|fill|10000
          allocate and release at once, one thread, one live span|pair|1
          release in random order|release-random|10000
          write 256 bytes, 1,000 live spans|write-256|1000
          first span of a new process|cold-first-span|0
          """)
  void aRowOfReadmeIsARowOfTheRecord(String label, String workload, int n) {
    Map<String, MatchResult> rows =
        ROW.matcher(readme).results().collect(Collectors.toMap(row -> row.group(1), row -> row));
    assertThat(rows).hasSize(TABLE_ROWS).containsKey(label);
    MatchResult row = Objects.requireNonNull(rows.get(label));
    assertIsRounded(row.group(2), inUnit(results.figure(workload, n, "jitmem"), row.group(3)));
    assertIsRounded(row.group(4), inUnit(results.figure(workload, n, "asmjit"), row.group(5)));
    BigDecimal ratio = results.ratio(workload, n, "asmjit");
    assertIsRounded(row.group(6), ratio);
    assertThat(row.group(7)).isEqualTo(verdict(ratio, workload.equals("used-reserved")));
  }

  @Test
  void readmesSentencesAreFiguresOfTheRecord() {
    MatchResult said =
        found(
            readme,
            "with 10,000 live spans, replacing one costs ([\\d.]+) of what it costs in AsmJit. "
                + "Allocating 10,000 in a row costs ([\\d.]+) times as much");
    assertIsRounded(said.group(1), results.ratio("churn", 10_000, "asmjit"));
    assertIsRounded(said.group(2), results.ratio("fill", 10_000, "asmjit"));
    MatchResult mallocs =
        found(readme, "glibc needs ([\\d.]+) and jemalloc ([\\d.]+) of jitmem's time");
    assertIsRounded(mallocs.group(1), inverse(results.ratio("churn", 10_000, "glibc")));
    assertIsRounded(mallocs.group(2), inverse(results.ratio("churn", 10_000, "jemalloc")));
    found(readme, "a new JVM needs a sixth of a second");
    BigDecimal seconds =
        results.figure("cold-first-span", 0, "jitmem").scaleByPowerOfTen(-9).stripTrailingZeros();
    assertThat(inverse(seconds).setScale(0, RoundingMode.HALF_UP)).isEqualByComparingTo("6");
  }

  @Test
  void theGrowthIsThatOfTheRecord() {
    MatchResult said =
        found(
            performance,
            "shrinking in random order ([\\d.]+) times, allocating past holes that nearly fit"
                + " ([\\d.]+), allocating what must first be coalesced ([\\d.]+), releasing in"
                + " random order ([\\d.]+)\\.");
    assertIsRounded(said.group(1), results.growth("adversarial-shrink-worst"));
    assertIsRounded(said.group(2), results.growth("adversarial-alloc-past-near-fits-worst"));
    assertIsRounded(said.group(3), results.growth("adversarial-alloc-coalesced-worst"));
    assertIsRounded(said.group(4), results.growth("adversarial-release-random-worst"));
    found(performance, "all cost less than four times as much with 100,000 spans as with 1,000");
    assertThat(results.largestGrowth()).isLessThan(BigDecimal.valueOf(4));
    assertIsRounded(said.group(1), results.largestGrowth());
  }

  @Test
  void theCostOfMemoryIsThatOfTheRecord() {
    MatchResult said =
        found(performance, "takes ([\\d.]+) times as long as one from 1,000 .*, (\\d+) times if");
    BigDecimal few = results.figure("load", 1_000, "jitmem");
    assertIsRounded(said.group(1), quotient(results.figure("load", 100_000, "jitmem"), few));
    BigDecimal most = quotient(results.figure("load", 1_000_000, "jitmem"), few);
    assertThat(most.round(new MathContext(1))).isEqualByComparingTo(new BigDecimal(said.group(2)));
  }

  private static MatchResult found(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.toMatchResult();
  }

  private static void assertIsRounded(String said, BigDecimal figure) {
    BigDecimal number = new BigDecimal(said.replace(",", ""));
    assertThat(figure.setScale(number.scale(), RoundingMode.HALF_UP)).isEqualTo(number);
  }

  private static BigDecimal inUnit(BigDecimal figure, @Nullable String unit) {
    return unit == null ? figure : figure.scaleByPowerOfTen(POWERS.getOrDefault(unit, 0));
  }

  private static BigDecimal quotient(BigDecimal a, BigDecimal b) {
    return a.divide(b, MathContext.DECIMAL64);
  }

  private static BigDecimal inverse(BigDecimal ratio) {
    return quotient(BigDecimal.ONE, ratio);
  }

  private static String verdict(BigDecimal ratio, boolean moreIsBetter) {
    if (ratio.subtract(BigDecimal.ONE).abs().compareTo(EVEN) < 0) {
      return "even";
    }
    return ratio.compareTo(BigDecimal.ONE) > 0 == moreIsBetter ? "win" : "loss";
  }
}
