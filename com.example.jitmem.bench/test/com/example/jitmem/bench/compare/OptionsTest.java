// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @ParameterizedTest
  @CsvSource({
    "--only, nonsense, churn",
    "--peers, unknown, asmjit",
    "--n, abc, from 0",
    "--n, -1, from 0",
    "--rounds, 0, from 1",
    "--against, /no/such/place, com.example.jitmem.impl",
    "--fast, 1, Unknown option --fast"
  })
  void wrongValuesAreRefusedWithWhatIsRight(String option, String value, String right) {
    assertThatThrownBy(() -> Options.parse(new String[] {option, value}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option)
        .hasMessageContaining(right);
  }

  @Test
  void onlyWhatIsMeasuredAsItIsMeantToBeIsComplete() {
    assertThat(Options.parse(new String[] {}).isComplete()).isTrue();
    assertThat(Options.parse(new String[] {"--long"}).isComplete()).isTrue();
    assertThat(Options.parse(new String[] {"--rounds", "1"}).isComplete()).isFalse();
    assertThat(Options.parse(new String[] {"--only", "pair,churn"}).isComplete()).isFalse();
    assertThat(Options.parse(new String[] {"--cpu"}).isComplete()).isFalse();
  }

  @Test
  void everyWorkloadIsInTheHelp() {
    assertThat(Plan.full().workloads()).allSatisfy(name -> assertThat(Options.HELP).contains(name));
  }
}
