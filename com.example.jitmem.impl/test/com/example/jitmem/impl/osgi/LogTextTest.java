// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LogTextTest {
  @Test
  void stringsAreQuotedAndOtherValuesAreNot() {
    assertThat(LogText.shown("90")).isEqualTo("\"90\"");
    assertThat(LogText.shown(90)).isEqualTo("90");
    assertThat(LogText.shown(List.of("a"))).isEqualTo("[a]");
  }

  @Test
  void whatCouldForgeALineIsReplaced() {
    assertThat(LogText.shown("a\r\nb\u2028c\u202Ed\uD800")).isEqualTo("\"a??b?c?d?\"");
  }

  @Test
  void longValuesEndWithDotsAndWithAWholeCharacter() {
    assertThat(LogText.shown("\uD83D\uDE80".repeat(101)))
        .isEqualTo('"' + "\uD83D\uDE80".repeat(100) + "...\"");
    assertThat(LogText.abbreviate("a".repeat(100))).isEqualTo("a".repeat(100));
  }
}
